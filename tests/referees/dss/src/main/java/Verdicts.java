import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.File;

/**
 * Judges the seals in PDF files, offline: the first argument is the root certificate to trust. For each other argument
 * and each seal in it one line, "INDICATION LEVEL FILE", with the sub-indication after it, if any, the errors and the warnings.
 */
public final class Verdicts {
    public static void main(String[] arguments) {
        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        trusted.addCertificate(DSSUtils.loadCertificate(new File(arguments[0])));
        CommonCertificateVerifier verifier = new CommonCertificateVerifier(true);
        verifier.setTrustedCertSources(trusted);
        for (int i = 1; i < arguments.length; i++) {
            SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(arguments[i]));
            validator.setCertificateVerifier(verifier);
            print(validator.validateDocument(), arguments[i]);
        }
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
