/** The part of the browser's own reader of barcodes that is used here. Not every browser has it. */
type Detector = { detect(from: HTMLVideoElement): Promise<{ rawValue: string }[]> }

declare global {
  interface Window {
    BarcodeDetector?: new () => Detector
  }
}

/** True if the browser reads barcodes by itself and may open a camera, which it may over https only. */
export const hasCamera = (): boolean =>
  window.BarcodeDetector !== undefined && navigator.mediaDevices !== undefined

const everyMs = 150

/** Shows the camera in the video and calls back with the first code that it sees. Returns a function that ends it. */
export async function watchCamera(
  video: HTMLVideoElement,
  onCode: (code: string) => void,
): Promise<() => void> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
  const detector = window.BarcodeDetector && new window.BarcodeDetector()
  video.srcObject = stream
  await video.play()
  let isOpen = true
  const look = async () => {
    if (!isOpen) return
    const [found] = (await detector?.detect(video).catch(() => [])) ?? []
    if (found && isOpen) onCode(found.rawValue)
    else setTimeout(() => void look(), everyMs)
  }
  void look()
  return () => {
    isOpen = false
    for (const track of stream.getTracks()) track.stop()
  }
}
