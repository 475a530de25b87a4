type Item = DataTransferItem & { getAsFileSystemHandle?: () => Promise<FileSystemHandle | null> }

export interface DroppedFile {
  file: File
  /** Where it lay within the folder that was dropped, that folder's name first. */
  path?: string
  handle?: FileSystemFileHandle
}

export interface Dropped {
  files: DroppedFile[]
  /** Paths of files and folders that the browser could not read. */
  unreadable: string[]
}

/**
 * The files that were dropped, those of folders too. In browsers that give handles
 * they come with theirs, so that an upload can go on after a reload by one click.
 * Must be called in the event itself: the browser takes the drop back after it.
 */
export async function filesIn(data: DataTransfer): Promise<Dropped> {
  const asked = [...data.items].filter(item => item.kind === 'file').map((item: Item) => ({
    entry: item.webkitGetAsEntry(), file: item.getAsFile(), handle: item.getAsFileSystemHandle?.().catch(() => null), // without one the file is chosen again
  }))
  const found: Dropped = { files: [], unreadable: [] }
  for (const { entry, file, handle } of asked) {
    const h = await handle
    if (entry?.isDirectory) await walk(entry as FileSystemDirectoryEntry, h?.kind === 'directory' ? h as FileSystemDirectoryHandle : null, found)
    else if (!file) found.unreadable.push(entry ? pathOf(entry) : 'a file without a name')
    else found.files.push(h?.kind === 'file' ? { file, handle: h as FileSystemFileHandle } : { file })
  }
  return found
}

async function walk(folder: FileSystemDirectoryEntry, handle: FileSystemDirectoryHandle | null, found: Dropped): Promise<void> {
  const reader = folder.createReader()
  for (;;) {
    let some: FileSystemEntry[] // it gives a hundred at a time
    try {
      some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject))
    } catch {
      found.unreadable.push(pathOf(folder))
      return
    }
    if (some.length === 0) return
    for (const entry of some) {
      if (entry.isDirectory) await walk(entry as FileSystemDirectoryEntry, await handle?.getDirectoryHandle(entry.name).catch(() => null) ?? null, found)
      else await take(entry as FileSystemFileEntry, handle, found)
    }
  }
}

async function take(entry: FileSystemFileEntry, folder: FileSystemDirectoryHandle | null, found: Dropped): Promise<void> {
  const path = pathOf(entry)
  try {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    const handle = await folder?.getFileHandle(entry.name).catch(() => null)
    found.files.push(handle ? { file, path, handle } : { file, path })
  } catch {
    found.unreadable.push(path)
  }
}

const pathOf = (entry: FileSystemEntry) => entry.fullPath.replace(/^\//, '')
