import { store } from './store'

const kept = 'project'

/** The project that the pages show. Empty: that in which the caller asks where none is named. */
export const project = store(read())

function read(): string {
  try {
    return localStorage.getItem(kept) ?? ''
  } catch {
    return '' // storage is switched off: the choice holds for this page
  }
}

export function keep(name: string) {
  project.set(name)
  try {
    if (name) localStorage.setItem(kept, name)
    else localStorage.removeItem(kept)
  } catch {
    // as above
  }
}
