// Before the first paint: the theme that the person chose (src/ui/theme.ts). A file of its own, loaded before the app,
// because the page's policy allows no inline script.
(function () {
  let theme = null;
  try {
    theme = localStorage.getItem("batiyoun.theme");
  } catch {
    return; // No storage: the system's theme.
  }
  if (theme !== "light" && theme !== "dark") return;
  document.documentElement.dataset.theme = theme;
  for (const meta of document.querySelectorAll("meta[name=theme-color]")) meta.content = meta.dataset[theme];
})();
