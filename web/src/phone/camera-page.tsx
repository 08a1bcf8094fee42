import { useEffect, useRef, useState } from 'react'
import { Button } from '../ui/base/button.tsx'
import { useSay } from '../words.ts'
import { watchCamera } from './camera.ts'

/** The camera over the whole screen. The browser asks for the permission when this opens, so never before a person pressed the button. */
export default function CameraView({
  onCode,
  onClose,
}: {
  onCode: (code: string) => void
  onClose: () => void
}) {
  const say = useSay()
  const video = useRef<HTMLVideoElement>(null)
  const latest = useRef(onCode)
  latest.current = onCode
  const [isRefused, setRefused] = useState(false)
  useEffect(() => {
    let end: (() => void) | undefined
    let isGone = false
    if (video.current)
      watchCamera(video.current, (code) => latest.current(code)).then(
        (ended) => {
          end = ended
          if (isGone) ended()
        },
        () => setRefused(true),
      )
    return () => {
      isGone = true
      end?.()
    }
  }, [])
  return (
    <div className="phone-camera" role="dialog" aria-modal="true" aria-label={say(['相机', 'Camera'])}>
      <video ref={video} muted playsInline />
      {isRefused && (
        <p>
          {say([
            '打不开相机。在浏览器的网站设置里允许相机，或用扫码枪。',
            'The camera cannot be opened. Allow it in the site settings of the browser, or use a scanner.',
          ])}
        </p>
      )}
      <Button size="large" onClick={onClose}>
        {say(['关闭', 'Close'])}
      </Button>
    </div>
  )
}
