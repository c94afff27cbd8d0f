import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.spi.x509.revocation.ocsp.ExternalResourcesOCSPSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.File;
import java.util.Arrays;

/**
 * Judges the seals in PDF files, offline: the first argument is the root certificate to trust; files *.ocsp and *.crl are
 * what its issuers answered, as an online validator would have asked them. For each other file and each seal in it one line, "INDICATION LEVEL FILE", with the sub-indication after it, if any, the errors and the warnings.
 */
public final class Verdicts {
    public static void main(String[] arguments) {
        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        trusted.addCertificate(DSSUtils.loadCertificate(new File(arguments[0])));
        CommonCertificateVerifier verifier = new CommonCertificateVerifier(true);
        verifier.setTrustedCertSources(trusted);
        verifier.setOcspSource(new ExternalResourcesOCSPSource(ending(".ocsp", arguments)));
        verifier.setCrlSource(new ExternalResourcesCRLSource(ending(".crl", arguments)));
        for (int i = 1; i < arguments.length; i++) {
            if (arguments[i].endsWith(".ocsp") || arguments[i].endsWith(".crl")) {
                continue;
            }
            SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(arguments[i]));
            validator.setCertificateVerifier(verifier);
            print(validator.validateDocument(), arguments[i]);
        }
    }

    private static DSSDocument[] ending(String ending, String[] arguments) {
        return Arrays.stream(arguments).filter(name -> name.endsWith(ending)).map(FileDocument::new).toArray(DSSDocument[]::new);
    }

    private static void print(Reports reports, String file) {
        SimpleReport report = reports.getSimpleReport();
        if (report.getSignatureIdList().isEmpty()) {
            System.out.println("NONE - " + file);
        }
        for (String id : report.getSignatureIdList()) {
            SignatureWrapper seal = reports.getDiagnosticData().getSignatureById(id);
            System.out.println(report.getIndication(id) + " " + seal.getSignatureFormat() + " " + file
                    + (report.getSubIndication(id) == null ? "" : " " + report.getSubIndication(id))
                    + " errors: " + report.getAdESValidationErrors(id).stream().map(m -> m.getValue()).toList()
                    + " warnings: " + report.getAdESValidationWarnings(id).stream().map(m -> m.getValue()).toList());
        }
    }
}
