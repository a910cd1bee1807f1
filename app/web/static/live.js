// Reloads the page's content when the server reports a change, or every few seconds. Without this script, reload the page.
(() => {
  const read = async () => {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-live]"), old = document.querySelector("[data-live]");
    if (!fresh || !old) return;
    const open = [...old.querySelectorAll("details[open][id]")].map((details) => details.id);
    // Text that someone is typing moves into the new content.
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
