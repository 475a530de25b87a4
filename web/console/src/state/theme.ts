import { store } from './store'

export type Theme = 'system' | 'light' | 'dark'

// theme.js read the same before the first paint
const kept = 'theme'
const system = matchMedia('(prefers-color-scheme: dark)')

function read(): Theme {
  try {
    const v = localStorage.getItem(kept)
    return v === 'light' || v === 'dark' ? v : 'system'
  } catch {
    return 'system' // storage is switched off: the choice holds for this page
  }
}

const chosen = store(read())
const dark = store(isDark())

function isDark() {
  return chosen.get() === 'system' ? system.matches : chosen.get() === 'dark'
}

function apply() {
  if (isDark()) document.documentElement.dataset.theme = 'dark'
  else delete document.documentElement.dataset.theme
  dark.set(isDark())
}
system.addEventListener('change', apply)

export function setTheme(to: Theme) {
  chosen.set(to)
  try {
    if (to === 'system') localStorage.removeItem(kept)
    else localStorage.setItem(kept, to)
  } catch {
    // as above
  }
  apply()
}

export const useTheme = chosen.use
export const useDark = dark.use
