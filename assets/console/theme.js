// The theme that was chosen last, before the first paint. "auto" follows the system.
(() => {
  const root = document.documentElement;
  const themes = ['auto', 'light', 'dark'];
  const kept = () => {
    try {
      return localStorage.getItem('theme');
    } catch {
      return null; // Storage is switched off.
    }
  };
  const set = (theme) => (root.dataset.theme = themes.includes(theme) ? theme : 'auto');
  set(kept());
  document.addEventListener('DOMContentLoaded', () => {
    const select = document.getElementById('theme');
    select.value = root.dataset.theme;
    select.addEventListener('change', () => {
      set(select.value);
      try {
        localStorage.setItem('theme', select.value);
      } catch {
        // It then lasts as long as the page.
      }
    });
  });
})();
