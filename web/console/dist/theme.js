// Before the first paint: the theme that was chosen, else the system's.
;(function () {
  var dark = matchMedia('(prefers-color-scheme: dark)').matches
  try {
    var chosen = localStorage.getItem('theme')
    if (chosen) dark = chosen === 'dark'
  } catch (e) {} // storage is switched off
  if (dark) document.documentElement.dataset.theme = 'dark'
})()
