let shownAt = 0

/** Shows on a terminal how far a backup or restore is, once a second. */
export function showProgress({ bytes, ofBytes }: { bytes: number; ofBytes: number }): void {
  const now = performance.now()
  if (!process.stderr.isTTY || now - shownAt < 1000) return
  shownAt = now
  process.stderr.write(`\r${(bytes / 1e6).toFixed(0)} / ${(ofBytes / 1e6).toFixed(0)} MB \r`)
}
