import { useSay } from '../../words.ts'
import { planOf, rack } from './route-plan.ts'
import type { WaveDetail } from './types.ts'

/** 路线: the aisles with the stops of the wave, the way that was walked, the stop that is next, and the rest dashed. */
export function RouteMap({ lines }: Pick<WaveDetail, 'lines'>) {
  const say = useSay()
  const plan = planOf(lines)
  if (!plan) return null
  const { width, height, bottom, aisles, spots, walked, ahead, off } = plan
  const about = say(['{n} 站，{m} 条巷道', '{n} stops in {m} {m|aisle|aisles}'], {
    n: spots.length,
    m: aisles.length,
  })
  const bays = Array.from({ length: 5 }, (_, n) => rack.top + ((bottom - rack.top) / 6) * (n + 1))
  return (
    <figure className="wave-route">
      <figcaption>
        <b>{say(['路线', 'Route'])}</b> <span className="t2">{about}</span>
        {off > 0 && (
          <span className="t3 small push">
            {say(['{n} 站库位看不出巷道，没画', '{n} not drawn: the bin names no aisle'], { n: off })}
          </span>
        )}
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${say(['路线', 'Route'])} ${about}`}>
        {aisles.map(({ name, x }) => (
          <g key={name}>
            <rect
              className="rack"
              x={x - rack.width / 2}
              y={rack.top}
              width={rack.width}
              height={bottom - rack.top}
              rx={2}
            />
            {bays.map((y) => (
              <path key={y} className="bay" d={`M${x - rack.width / 2} ${y}h${rack.width}`} />
            ))}
            <text x={x} y={9}>
              {name}
            </text>
          </g>
        ))}
        <path className="ahead" d={ahead} />
        <path className="walked" d={walked} />
        <text className="end" x={2} y={height - 10}>
          {say(['起', 'In'])}
        </text>
        <text className="end out" x={width - 2} y={height - 2}>
          {say(['播种墙', 'Sorting'])}
        </text>
        {spots.map(({ place, bin, x, y, state }) => (
          <g key={place} className={`spot ${state}`}>
            <title>{`${place} ${bin}`}</title>
            <circle cx={x} cy={y} r={8} />
            {state === 'done' ? (
              <path className="tick" d={`M${x - 3.4} ${y + 0.2}l2.4 2.4l4.4 -4.8`} />
            ) : (
              <text x={x} y={y + 3.4}>
                {place}
              </text>
            )}
          </g>
        ))}
      </svg>
    </figure>
  )
}
