import { useQuery } from '@tanstack/react-query'
import type { CoverageStream } from '../../../server/intake/coverage/contract.ts'
import { get } from '../api.ts'
import { coverageTones } from '../overview/coverage.tsx'
import { Segments } from '../ui/base/button.tsx'
import { every } from '../ui/base/every.ts'
import { useMay } from '../ui/base/session.ts'
import { Dot } from '../ui/base/status.tsx'
import { clock, dateOf, dayStart, fullTime, shortTime, useNow } from '../ui/base/time.ts'
import { useUrlState } from '../ui/list/search-params.ts'
import { Tip } from '../ui/overlay/tip.tsx'
import { useSay } from '../words.ts'
import { ShopName } from './shop-name.tsx'
import type { CoverageRow } from './types.ts'

const spans = { '2h': 2 * 3600_000, today: 24 * 3600_000, '7d': 7 * 24 * 3600_000 }
const hoursOf = { '2h': 2, today: 24, '7d': 168 }
type Span = keyof typeof spans

/**
 * The download windows of a stream, one row for each shop. The colour of a bar shows whether its window succeeded, runs or failed; a gap
 * was not requested.
 */
export function WindowStrip({ stream, shopId }: { stream: CoverageStream; shopId?: string }) {
  const say = useSay()
  const now = useNow()
  // The coverage is requested only if the user is known to have the permission.
  const seen = useMay()('overview.read')
  const [search, setSearch] = useUrlState()
  const chosen: Span = search['span'] === 'today' || search['span'] === '7d' ? search['span'] : '2h'
  const start = chosen === 'today' ? dayStart(now) : now - spans[chosen]
  const end = now + (now - start) * 0.045
  const { data } = useQuery({
    queryKey: ['/coverage', stream, chosen, shopId],
    queryFn: () => get('/coverage', { stream, hours: hoursOf[chosen], shop: shopId }),
    enabled: seen,
    refetchInterval: every(10_000),
  })
  if (!seen) return null
  const place = placeOn(start, end)
  const ticks = ticksOf(start, now, chosen)
  return (
    <section className="windows" aria-label={say(['窗口', 'Windows'])}>
      <StripHead chosen={chosen} onChoose={(span) => setSearch({ span: span === '2h' ? '' : span })} />
      <div className="window-grid">
        <div className="window-ticks" aria-hidden="true">
          {ticks.map(({ at }) => (
            <i key={at} style={{ left: `${place(at)}%` }} />
          ))}
          <i className="now" style={{ left: `${place(now)}%` }} />
        </div>
        {data?.rows.map((row) => (
          <ShopWindows key={row.shopId} {...{ row, start, now, place }} />
        ))}
        <div className="window-row window-axis">
          <span />
          <div className="window-track t2 num">
            {ticks.map(({ at, text }) => (
              <span key={at} style={{ left: `${place(at)}%` }}>
                {text}
              </span>
            ))}
            <b style={{ left: `${place(now)}%` }}>{clock(now)}</b>
          </div>
          <span className="t2 small right">{say(['已完整到', 'Complete to'])}</span>
        </div>
      </div>
    </section>
  )
}

/** Returns a function that gives the place of a time in percent between start and end. */
const placeOn = (start: number, end: number) => (at: string | number) =>
  Math.max(0, Math.min(100, (((typeof at === 'number' ? at : Date.parse(at)) - start) / (end - start)) * 100))

function StripHead({ chosen, onChoose }: { chosen: Span; onChoose: (span: Span) => void }) {
  const say = useSay()
  return (
    <header className="row">
      <h2>{say(['窗口', 'Windows'])}</h2>
      <span className="t2 small">
        {say([
          '一格是一次成功的窗口，游标只在整窗成功后前移',
          'A cell is a window that succeeded; the cursor moves only behind whole ones',
        ])}
      </span>
      <span className="push row small t2 legend">
        <i className="window done" /> {say(['完整', 'Complete'])}
        <i className="window running" /> {say(['进行中', 'Running'])}
        <i className="window failed" /> {say(['失败，待补', 'Failed, to be filled'])}
        <Segments
          label={say(['时间', 'Span'])}
          value={chosen}
          options={[
            { value: '2h', label: say(['2 小时', '2 h']) },
            { value: 'today', label: say(['今天', 'Today']) },
            { value: '7d', label: say(['7 天', '7 d']) },
          ]}
          onChange={onChoose}
        />
      </span>
    </header>
  )
}

/** The windows of a shop since `start`, and the time up to which the shop is complete. */
function ShopWindows(props: {
  row: CoverageRow
  start: number
  now: number
  place: ReturnType<typeof placeOn>
}) {
  const { row, start, now, place } = props
  return (
    <div className="window-row">
      <ShopName id={row.shopId} />
      <div className="window-track">
        {row.windows
          .filter((window) => Date.parse(window.to) > start)
          .map((window) => (
            <Tip key={window.from} text={`${fullTime(window.from)} → ${clock(window.to)}`}>
              <i
                className={`window ${window.state}`}
                style={{
                  left: `${place(window.from)}%`,
                  width: `calc(${place(window.to) - place(window.from)}% - 2px)`,
                }}
              />
            </Tip>
          ))}
      </div>
      <span className="num window-to">
        <Dot tone={coverageTones[row.state]} />{' '}
        {row.completeTo
          ? Date.parse(row.completeTo) < dayStart(now)
            ? shortTime(row.completeTo)
            : clock(row.completeTo)
          : '–'}
      </span>
    </div>
  )
}

function ticksOf(start: number, now: number, span: Span): { at: number; text: string }[] {
  const stepMs = span === '2h' ? 1800_000 : span === 'today' ? 3 * 3600_000 : 24 * 3600_000
  // The marks follow China's hours, so that those of 7 days are at China's midnights.
  const first = dayStart(start) + Math.ceil((start - dayStart(start) + 1) / stepMs) * stepMs
  const all: { at: number; text: string }[] = []
  for (let at = first; at < now - (now - start) * 0.05 && all.length < 24; at += stepMs)
    all.push({ at, text: span === '7d' ? dateOf(at).slice(5) : clock(at) })
  return all
}
