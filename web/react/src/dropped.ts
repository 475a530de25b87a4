import type { Added } from '@freshet/client'

type Item = DataTransferItem & { getAsFileSystemHandle?: () => Promise<FileSystemHandle | null> }

/**
 * The files that were dropped, those of folders too. In browsers that give handles
 * they come with theirs, so that an upload can go on after a reload by one click.
 */
export async function filesIn(data: DataTransfer): Promise<Added[]> {
  // All of it must be asked for before the first wait: then the browser takes it back.
  const asked = [...data.items].filter(item => item.kind === 'file').map((item: Item) => ({
    entry: item.webkitGetAsEntry(), file: item.getAsFile(), handle: item.getAsFileSystemHandle?.(),
  }))
  const found: Added[] = []
  for (const { entry, file, handle } of asked) {
    if (entry?.isDirectory) {
      await walk(entry as FileSystemDirectoryEntry, found)
    } else if (file) {
      const h = await handle?.catch(() => null) // without one the file is chosen again
      found.push(h?.kind === 'file' ? { file, handle: h as FileSystemFileHandle } : file)
    }
  }
  return found
}

async function walk(folder: FileSystemDirectoryEntry, found: Added[]): Promise<void> {
  const reader = folder.createReader()
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return // it gives a hundred at a time
    for (const entry of some) {
      if (entry.isDirectory) await walk(entry as FileSystemDirectoryEntry, found)
      else found.push({ file: await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)), path: entry.fullPath.replace(/^\//, '') })
    }
  }
}
