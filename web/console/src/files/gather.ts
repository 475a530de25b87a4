/** A file that a person chose, with where it lay and, in browsers that have them, a handle to read it again later. */
export interface Chosen {
  file: File
  path?: string
  handle?: FileSystemFileHandle
}

export function fromList(list: FileList | null): Chosen[] {
  return [...(list ?? [])].map((file) => ({ file, path: file.webkitRelativePath || undefined }))
}

/** The files of a drop, folders walked. Must be called in the event itself: the browser forgets the drop after it. */
export function fromDrop(data: DataTransfer): Promise<Chosen[]> {
  const items = [...data.items].filter((i) => i.kind === 'file')
  const roots = items.map((i) => ({ entry: i.webkitGetAsEntry?.() ?? null, file: i.getAsFile(), handle: i.getAsFileSystemHandle?.() }))
  return Promise.all(
    roots.map(async ({ entry, file, handle }) => {
      if (entry?.isDirectory) return walk(entry as FileSystemDirectoryEntry)
      // a browser may refuse the handle of a file that it hands out; the file itself will do
      const h = await handle?.catch(() => undefined)
      return file ? [{ file, handle: h instanceof FileSystemFileHandle ? h : undefined }] : []
    }),
  ).then((lists) => lists.flat())
}

async function walk(dir: FileSystemDirectoryEntry): Promise<Chosen[]> {
  const out: Chosen[] = []
  for (const entry of await list(dir)) {
    if (entry.isDirectory) out.push(...(await walk(entry as FileSystemDirectoryEntry)))
    else out.push({ file: await fileOf(entry as FileSystemFileEntry), path: entry.fullPath.replace(/^\//, '') })
  }
  return out
}

/** A reader gives a folder's entries in portions, an empty one last. */
async function list(dir: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = dir.createReader()
  const out: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (!some.length) return out
    out.push(...some)
  }
}

const fileOf = (entry: FileSystemFileEntry) => new Promise<File>((resolve, reject) => entry.file(resolve, reject))

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
  interface DataTransferItem {
    getAsFileSystemHandle?(): Promise<FileSystemHandle | null>
  }
}
