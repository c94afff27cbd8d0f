import java.io.File;
import java.util.Arrays;
import java.util.TreeSet;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/**
 * Judges PDF files. First argument: the flavours, with commas ("3b,3a,ua1"); for each other one, a file, one line:
 * "valid FILE" or "invalid FILE: flavour clause test message; …".
 */
public final class Verdicts {
    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        boolean allValid = true;
        for (String file : Arrays.copyOfRange(arguments, 1, arguments.length)) {
            TreeSet<String> found = new TreeSet<>();
            for (String flavour : arguments[0].split(",")) {
                found.addAll(complaints(new File(file), flavour));
            }
            String complaints = String.join("; ", found);
            allValid &= complaints.isEmpty();
            System.out.println(complaints.isEmpty() ? "valid " + file : "invalid " + file + ": " + complaints);
        }
        System.exit(allValid ? 0 : 1);
    }

    private static TreeSet<String> complaints(File file, String name) throws Exception {
        PDFAFlavour flavour = PDFAFlavour.byFlavourId(name);
        if (flavour == PDFAFlavour.NO_FLAVOUR) {
            throw new IllegalArgumentException("no such flavour: " + name);
        }
        try (PDFAParser parser = Foundries.defaultInstance().createParser(file, flavour);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
            ValidationResult result = validator.validate(parser);
            TreeSet<String> complaints = new TreeSet<>();
            for (TestAssertion assertion : result.getTestAssertions()) {
                if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                    complaints.add(name + " " + assertion.getRuleId().getClause() + " test " + assertion.getRuleId().getTestNumber()
                            + " " + assertion.getMessage().replaceAll("\\s+", " "));
                }
            }
            if (complaints.isEmpty() && !result.isCompliant()) {
                complaints.add(name + " not compliant, without a reason");
            }
            return complaints;
        }
    }
}
