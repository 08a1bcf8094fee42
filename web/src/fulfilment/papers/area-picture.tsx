import { useSay } from '../../words.ts'
import { wrap } from './measure.ts'
import './sheet.css'

const [width, height, areaTop] = [76, 130, 90]
const pt = 9

/** A label of 76 × 130 mm: the courier's part hatched and locked, below it the custom area with the texts that are sent for its keys. */
export function AreaPicture({ courier, data }: { courier: string; data: Readonly<Record<string, string>> }) {
  const say = useSay()
  const lines = Object.entries(data).flatMap(([key, text]) =>
    wrap(`${key}: ${text || '–'}`, { width: width - 6, pt, most: 4 }).lines.map((line, at) => ({
      id: `${key}/${at}`,
      line,
    })),
  )
  return (
    <svg
      className="paper-sheet"
      role="img"
      aria-label={say(['面单预览', 'Preview of the label'])}
      width={`${width}mm`}
      height={`${height}mm`}
      viewBox={`0 0 ${width} ${height}`}
    >
      <defs>
        <pattern id="locked" width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="0.25" height="3" fill="#c9cacc" />
        </pattern>
      </defs>
      <rect width={width} height={areaTop} fill="#f8f8f6" />
      <rect width={width} height={areaTop} fill="url(#locked)" />
      <rect y={areaTop} width={width} height={0.3} fill="#8e9198" />
      <text x={4} y={12} fontSize={6} fontWeight={700} fill="#696d75">
        {courier}
      </text>
      <rect x={16} y={38} width={44} height={9} rx={1.5} fill="#ffffff" stroke="#c9cacc" strokeWidth={0.2} />
      <text x={width / 2} y={44} fontSize={3.6} textAnchor="middle" fill="#50535a">
        {say(['🔒 快递规定，不能改', '🔒 Ruled by the courier'])}
      </text>
      <rect
        x={2}
        y={areaTop + 2}
        width={width - 4}
        height={height - areaTop - 4}
        fill="none"
        stroke="#3450c4"
        strokeWidth={0.2}
        strokeDasharray="1 1"
      />
      {lines.slice(0, 9).map(({ id, line }, at) => (
        <text key={id} x={3} y={areaTop + 6 + at * 4} fontSize={3.1}>
          {line}
        </text>
      ))}
    </svg>
  )
}
