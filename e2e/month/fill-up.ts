import { randomBytes } from 'node:crypto'
import { open } from 'node:fs/promises'

/** Fills the disk of this path to its last block with a file that no file system can make smaller. */
export async function fillUp(path: string): Promise<void> {
  const file = await open(path, 'w')
  try {
    for (const size of [1 << 20, 1 << 12]) {
      const piece = randomBytes(size)
      for (;;) if ((await file.write(piece).catch(() => undefined))?.bytesWritten !== size) break
    }
  } finally {
    await file.close()
  }
}
