// Every behaviour is a module that finds its elements by a data- attribute and does nothing
// without them. start is safe to call again on a part of the page that has been exchanged.
import * as companyLookup from "./company-lookup.js";
import * as confirmLeave from "./confirm-leave.js";
import * as errorSummary from "./error-summary.js";
import * as filters from "./filters.js";
import * as formCompany from "./form-company.js";
import * as livePart from "./live-part.js";
import * as mailFrame from "./mail-frame.js";
import * as menu from "./menu.js";
import * as progress from "./progress.js";
import * as rows from "./rows.js";
import * as share from "./share.js";

// The summary takes focus, so it comes last.
const behaviours = [companyLookup, confirmLeave, filters, formCompany, livePart, mailFrame, menu, progress, rows, share, errorSummary];

function startAll(root) {
  for (const behaviour of behaviours) behaviour.start(root);
}

startAll(document);
document.addEventListener("htmx:after:swap", () => startAll(document));
