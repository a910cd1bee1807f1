// Reads the page again when the server says that something changed, or every few seconds; without this, reloading does the same.
(() => {
  const read = async () => {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-live]"), old = document.querySelector("[data-live]");
    if (!fresh || !old) return;
    const open = [...old.querySelectorAll("details[open][id]")].map((details) => details.id);
    // What somebody is typing is theirs: it moves into the new page.
    const typed = [...old.querySelectorAll("textarea[id]")].map((field) => [field.id, field.value, field === document.activeElement]);
    old.replaceWith(fresh);
    open.forEach((id) => { const details = document.getElementById(id); if (details) details.open = true; });
    typed.forEach(([id, value, focused]) => { const field = document.getElementById(id); if (field) { field.value = value; if (focused) field.focus(); } });
    fresh.dispatchEvent(new CustomEvent("council:replaced", { bubbles: true }));
  };
  const told = document.querySelector("[data-events]"), timed = document.querySelector("[data-again]");
  if (timed) setInterval(read, 1000 * Number(timed.dataset.again));
  if (!told || !window.EventSource) return;
  const stream = new EventSource(told.dataset.events);
  stream.addEventListener("moved", read);
  stream.addEventListener("over", () => { stream.close(); read(); });
})();
