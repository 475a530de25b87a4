import type { DroppedFile } from '@freshet/client'

/** A file that a person chose, with where it lay and, in browsers that have them, a handle to read it again later. */
export type Chosen = DroppedFile

export function fromList(list: FileList | null): Chosen[] {
  return [...(list ?? [])].map((file) => (file.webkitRelativePath ? { file, path: file.webkitRelativePath } : { file }))
}

/** Asks for files by the picker that gives handles, where there is one, else by the input. */
export async function pick(input: HTMLInputElement | null): Promise<Chosen[] | null> {
  if (!window.showOpenFilePicker) {
    input?.click()
    return null
  }
  try {
    const handles = await window.showOpenFilePicker({ multiple: true })
    return Promise.all(handles.map(async (handle) => ({ file: await handle.getFile(), handle })))
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return [] // nothing was chosen
    throw error
  }
}

declare global {
  interface Window {
    showOpenFilePicker?(options?: { multiple?: boolean }): Promise<FileSystemFileHandle[]>
  }
}
