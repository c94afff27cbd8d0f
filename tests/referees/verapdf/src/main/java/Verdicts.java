import java.io.File;
import java.util.TreeSet;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Judges PDF files against PDF/A-3b: for each argument one line, "valid FILE" or "invalid FILE: clause test message; …". */
public final class Verdicts {
    public static void main(String[] files) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        boolean allValid = true;
        for (String file : files) {
            String complaints = complaints(new File(file));
            allValid &= complaints.isEmpty();
            System.out.println(complaints.isEmpty() ? "valid " + file : "invalid " + file + ": " + complaints);
        }
        System.exit(allValid ? 0 : 1);
    }

    private static String complaints(File file) throws Exception {
        PDFAFlavour flavour = PDFAFlavour.PDFA_3_B;
        try (PDFAParser parser = Foundries.defaultInstance().createParser(file, flavour);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
            ValidationResult result = validator.validate(parser);
            TreeSet<String> complaints = new TreeSet<>();
            for (TestAssertion assertion : result.getTestAssertions()) {
                if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                    complaints.add(assertion.getRuleId().getClause() + " test " + assertion.getRuleId().getTestNumber()
                            + " " + assertion.getMessage().replaceAll("\\s+", " "));
                }
            }
            if (complaints.isEmpty() && !result.isCompliant()) {
                complaints.add("not compliant, without a reason");
            }
            return String.join("; ", complaints);
        }
    }
}
