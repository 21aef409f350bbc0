const cards = [...document.querySelectorAll("details.key")];
const buttons = [...document.querySelectorAll("nav button")];
const search = document.querySelector("nav input");
const nothing = document.querySelector(".nothing");

function show() {
  const status = buttons.find((button) => button.getAttribute("aria-pressed") === "true").dataset.status;
  const words = search.value.toLowerCase();
  let shown = 0;
  for (const card of cards) {
    const statuses = card.dataset.status.split(" ");
    const fits = !status || statuses.includes(status);
    card.hidden = !(fits && card.textContent.toLowerCase().includes(words));
    shown += card.hidden ? 0 : 1;
    for (const row of card.querySelectorAll("tr[data-status]")) {
      row.hidden = Boolean(status) && row.dataset.status !== status;
    }
  }
  nothing.hidden = shown > 0;
}

for (const button of buttons) {
  button.addEventListener("click", () => {
    for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
    show();
  });
}
search.addEventListener("input", show);
addEventListener("beforeprint", () => {
  for (const card of cards) card.open = true;
});
