/** An excerpt around what is marked in it. Nothing is marked where `here` is false; an empty mark is a place between two characters. */
export interface Marked {
  before: string
  marked: string
  after: string
  here: boolean
}

export function split(excerpt: string, mark: readonly [number, number] | null | undefined): Marked {
  if (!mark || mark[0] < 0 || mark[0] > mark[1] || mark[1] > excerpt.length) return { before: excerpt, marked: '', after: '', here: false }
  return { before: excerpt.slice(0, mark[0]), marked: excerpt.slice(mark[0], mark[1]), after: excerpt.slice(mark[1]), here: true }
}
