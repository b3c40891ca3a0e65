// Before the first paint, so that a chosen theme never flashes the other. A file and not inline: no CSP exception needed.
try {
  const theme = localStorage.getItem('taskflow-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch (error) {
  // Storage is forbidden here (private mode, policy): the system's theme is the right one then.
  document.documentElement.dataset.theme = '';
}
