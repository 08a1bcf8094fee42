import { encode } from 'uqr'
import { useSay } from '../words.ts'

/** The otpauth address as a QR code: black on white in both themes, because cameras need it. */
export default function Qr({ text }: { text: string }) {
  const { data, size } = encode(text, { ecc: 'M', border: 2 })
  const dark = data.flatMap((row, y) => row.flatMap((on, x) => (on ? `M${x} ${y}h1v1h-1z` : [])))
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      role="img"
      aria-label={useSay()(['二维码', 'QR code'])}
    >
      <path d={dark.join('')} fill="#000" />
    </svg>
  )
}
