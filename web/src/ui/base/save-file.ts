/** Lets the browser save a file that a request has brought. */
export function saveFile({ name, file }: { name: string; file: Blob }): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  // The browser has begun to save the file by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
