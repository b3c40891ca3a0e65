// Before the first paint, so that a chosen theme never flashes the other. A file and not inline: no CSP exception needed.
function applyTheme() {
  let theme = null;
  try {
    theme = localStorage.getItem('taskflow-theme');
  } catch {
    // Storage is forbidden here (private mode, policy): the system's theme is the right one then.
  }
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

applyTheme();
// Chosen in another tab.
addEventListener('storage', (event) => {
  if (event.key === 'taskflow-theme') applyTheme();
});
