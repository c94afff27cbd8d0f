import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Calendar;
import java.util.List;
import java.util.Map;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.SignatureOptions;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.ess.ESSCertIDv2;
import org.bouncycastle.asn1.ess.SigningCertificateV2;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.DefaultSignedAttributeTableGenerator;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/**
 * Seals PDF files with PDFBox and Bouncy Castle, PAdES B-B. Arguments: a PKCS#12 file and its password. Then, for each line
 * "UNSEALED TAB SEALED" that comes in, the CPU milliseconds that sealing took this thread, reading and writing files not
 * included. What can be done once is: the key, its chain, the attribute, the signer.
 */
public final class Sealer {
    private static final int ROOM = 16384; // bytes

    private final ContentSigner signer;
    private final List<Certificate> chain;
    private final AttributeTable attributes;

    private Sealer(String file, char[] password) throws GeneralSecurityException, IOException, OperatorCreationException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            store.load(in, password);
        }
        String alias = store.aliases().nextElement();
        chain = Arrays.asList(store.getCertificateChain(alias));
        signer = new JcaContentSignerBuilder("SHA256withRSA").build((PrivateKey) store.getKey(alias, password));
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(chain.get(0).getEncoded());
        SigningCertificateV2 ours = new SigningCertificateV2(new ESSCertIDv2(digest));
        attributes = new AttributeTable(new Attribute(PKCSObjectIdentifiers.id_aa_signingCertificateV2, new DERSet(ours)));
    }

    public static void main(String[] arguments) throws Exception {
        Sealer sealer = new Sealer(arguments[0], arguments[1].toCharArray());
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] files = line.split("\t");
            byte[] pdf = Files.readAllBytes(Path.of(files[0]));
            long start = threads.getCurrentThreadCpuTime();
            byte[] sealed = sealer.sealed(pdf);
            long spent = threads.getCurrentThreadCpuTime() - start;
            Files.write(Path.of(files[1]), sealed);
            System.out.println(spent / 1e6);
        }
    }

    private byte[] sealed(byte[] pdf) throws IOException {
        try (PDDocument document = Loader.loadPDF(pdf)) {
            PDSignature signature = new PDSignature();
            signature.setFilter(PDSignature.FILTER_ADOBE_PPKLITE);
            signature.setSubFilter(COSName.getPDFName("ETSI.CAdES.detached"));
            signature.setSignDate(Calendar.getInstance());
            SignatureOptions options = new SignatureOptions();
            options.setPreferredSignatureSize(ROOM);
            document.addSignature(signature, this::cms, options);
            ByteArrayOutputStream out = new ByteArrayOutputStream(pdf.length + 4 * ROOM);
            document.saveIncremental(out);
            return out.toByteArray();
        }
    }

    private byte[] cms(InputStream covered) throws IOException {
        try {
            CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
            JcaSignerInfoGeneratorBuilder builder =
                    new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().build());
            builder.setSignedAttributeGenerator(new DefaultSignedAttributeTableGenerator(attributes) {
                @Override
                public AttributeTable getAttributes(Map parameters) {
                    return super.getAttributes(parameters).remove(CMSAttributes.signingTime); // EN 319 142-1 §6.3
                }
            });
            generator.addSignerInfoGenerator(builder.build(signer, (X509Certificate) chain.get(0)));
            generator.addCertificates(new JcaCertStore(chain));
            return generator.generate(new CMSProcessableByteArray(covered.readAllBytes()), false).getEncoded();
        } catch (CMSException | GeneralSecurityException | OperatorCreationException error) {
            throw new IOException(error);
        }
    }
}
