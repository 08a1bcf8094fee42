let atEnd: (() => Promise<void>)[] | undefined

/** True while several test files run in this process one after another (row/files.ts). */
export function inRow(): boolean {
  return atEnd !== undefined
}

/** Keeps something open for the following files of the row. It is closed when the last file has ended. */
export function closeAtEnd(close: () => Promise<void>): void {
  atEnd?.push(close)
}

/** Runs the files of a row, and closes what they left open for each other. */
export async function row(run: () => Promise<void>): Promise<void> {
  atEnd = []
  await run()
  for (const close of atEnd) await close()
}
