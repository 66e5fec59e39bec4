// Runs before the page is painted, so that a remembered theme does not flash in the other colours.
// For that reason it is not a module: modules run after the page has been parsed.
const THEME_KEY = 'longwave-theme';

try {
  const remembered = localStorage.getItem(THEME_KEY);
  if (remembered) document.documentElement.dataset.theme = remembered;
} catch {
  // Without storage, as in a private window, the system's choice applies.
}

document.addEventListener('DOMContentLoaded', () => {
  const button = document.getElementById('theme');
  const system = matchMedia('(prefers-color-scheme: dark)');
  const current = () => document.documentElement.dataset.theme ?? (system.matches ? 'dark' : 'light');
  const label = () => button.setAttribute('aria-label', `Change to ${current() === 'dark' ? 'light' : 'dark'} colours`);

  button.addEventListener('click', () => {
    const theme = current() === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset.theme = theme;
    label();
    try {
      localStorage.setItem(THEME_KEY, theme);
    } catch {
      // Then the choice applies to this page only.
    }
  });
  system.addEventListener('change', label);
  label();
});
