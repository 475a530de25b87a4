/** Seconds that the past counts for. Long, so that the time left does not jump. */
const memory = 4
/** Seconds of movement before there is a speed to tell. */
const enough = 0.75

/** Bytes a second, smoothed: an average whose weights fade with age. */
export class Speed {
  private bytes = 0 // of the faded past
  private seconds = 0 // of the faded past
  private elapsed = 0

  add(bytes: number, seconds: number): void {
    if (seconds <= 0) {
      this.bytes += bytes
      return
    }
    const fade = Math.exp(-seconds / memory)
    this.bytes = this.bytes * fade + bytes
    this.seconds = this.seconds * fade + seconds
    this.elapsed += seconds
  }

  reset(): void {
    this.bytes = this.seconds = this.elapsed = 0
  }

  get value(): number {
    return this.elapsed < enough ? 0 : this.bytes / this.seconds
  }

  /** Seconds for what is left, null where there is no telling. */
  eta(left: number): number | null {
    const v = this.value
    return v < 1 ? null : left / v
  }
}
