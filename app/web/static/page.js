// Local times, keyboard shortcuts, copy buttons and list filters of every page. All pages work without this script.
(() => {
  const steps = [[60, "second"], [60, "minute"], [24, "hour"], [30, "day"], [12, "month"], [Infinity, "year"]];
  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
  const ago = (moment) => {
    let amount = (moment - Date.now()) / 1000;
    for (const [size, unit] of steps) {
      if (Math.abs(amount) < size) return relative.format(Math.round(amount), unit);
      amount /= size;
    }
  };
  const tell = () => document.querySelectorAll("time[datetime]").forEach((time) => {
    const moment = new Date(time.dateTime);
    if (isNaN(moment)) return;
    time.title = full.format(moment);
    time.textContent = time.dataset.form === "full" ? time.title : ago(moment);
  });
  const follow = (root) => {
    tell();
    root.querySelectorAll("[data-copy]").forEach((button) => {
      button.hidden = !navigator.clipboard;
      button.onclick = async () => {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
        const label = button.querySelector("span"), before = label.innerHTML;
        label.textContent = "Copied";
        setTimeout(() => { label.innerHTML = before; }, 2000);
      };
    });
    // A button whose form goes on to another page, where the text is pasted.
    root.querySelectorAll("[data-copy-first]").forEach((button) => {
      button.onclick = () => { navigator.clipboard?.writeText(document.getElementById(button.dataset.copyFirst).textContent); };
    });
    root.querySelectorAll("[data-filters]").forEach(filter);
    root.querySelectorAll("[data-narrow]").forEach(narrow);
  };
  // Buttons that filter a list by kind.
  const filter = (bar) => {
    bar.hidden = false;
    const things = document.querySelectorAll(`${bar.dataset.filters} [data-kind]`);
    bar.querySelectorAll("button").forEach((button) => {
      button.onclick = () => {
        const kind = button.getAttribute("aria-pressed") === "true" ? "" : button.value;
        bar.querySelectorAll("button").forEach((other) => other.setAttribute("aria-pressed", String(other.value === kind)));
        things.forEach((thing) => { thing.hidden = kind !== "" && thing.dataset.kind !== kind; });
      };
    });
  };
  // A search box that hides fields that do not match.
  const narrow = (box) => {
    box.closest("[hidden]")?.removeAttribute("hidden");
    box.oninput = () => {
      const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      document.querySelectorAll("[data-group]").forEach((group) => {
        let left = 0;
        group.querySelectorAll("[data-field]").forEach((field) => {
          field.hidden = !words.every((word) => field.dataset.field.includes(word));
          left += field.hidden ? 0 : 1;
        });
        group.hidden = left === 0;
      });
    };
  };
  const dialog = document.getElementById("shortcuts"), on = document.getElementById("shortcuts-on"), store = "council-shortcuts";
  const read = () => { try { return localStorage.getItem(store) !== "off"; } catch { return true; } };
  const show = () => { on.checked = read(); dialog.showModal(); };
  let going = 0;
  const press = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || dialog.open || !read()) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "?") { event.preventDefault(); show(); return; }
    if (event.key === "/") {
      event.preventDefault();
      const search = document.querySelector("input[type=search]");
      if (search) search.focus(); else location.assign("/runs#search");
      return;
    }
    const link = Date.now() - going < 1500 && document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    going = event.key === "g" ? Date.now() : 0;
    if (link) link.click();
  };
  document.addEventListener("DOMContentLoaded", () => {
    follow(document);
    setInterval(tell, 30000);
    if (location.hash === "#search") document.querySelector("input[type=search]")?.focus();
    if (!dialog) return;
    document.addEventListener("keydown", press);
    document.querySelectorAll("[data-shortcuts]").forEach((button) => { button.hidden = false; button.onclick = show; });
    on.onchange = () => { try { localStorage.setItem(store, on.checked ? "on" : "off"); } catch { /* private windows have no storage */ } };
  });
  document.addEventListener("council:replaced", (event) => follow(event.target));
})();
