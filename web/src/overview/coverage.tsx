import type { CoverageRow } from '../tasks/types.ts'
import { count } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { useMay, useShop, useShops } from '../ui/base/session.ts'
import { Status, type Tone } from '../ui/base/status.tsx'
import { clock, dayStart, shortTime, span } from '../ui/base/time.ts'
import { useSay } from '../words.ts'
import { coverageText, knownByWords, pushText } from './coverage-text.ts'

export const coverageTones: Record<CoverageRow['state'], Tone> = {
  complete: 'ok',
  chasing: 'warn',
  paused: 'bad',
  failing: 'bad',
}

const stripMs = 3_600_000

/** The time up to which each shop is complete. Everything before it is downloaded. */
export function Coverage({ rows, now }: { rows: readonly CoverageRow[] | undefined; now: number }) {
  const say = useSay()
  const shops = useShops()
  const may = useMay()
  const from = now - stripMs
  return (
    <section className="panel coverage" aria-label={say(['店铺已完整到', 'Shops complete up to'])}>
      <header className="panel-head">
        <h2>{say(['店铺已完整到', 'Shops complete up to'])}</h2>
        <span className="push t2 small">
          {say(['这一刻之前的交易与退款都已在库', 'Everything before that moment is here'])}
        </span>
      </header>
      <div className="panel-body">
        <table className="plain-table">
          <thead>
            <tr>
              <th>{say(['平台', 'Platform'])}</th>
              <th>{say(['店铺', 'Shop'])}</th>
              <th className="right">{say(['已完整到', 'Complete to'])}</th>
              <th className="right">{say(['落后', 'Behind'])}</th>
              <th>{say(['{at} 至现在', '{at} to now'], { at: clock(from) })}</th>
              <th>{say(['情况', 'State'])}</th>
              <th className="right">{say(['今天下载', 'Today'])}</th>
            </tr>
          </thead>
          <tbody>
            {/* While the coverage is being loaded, rows of the known shops keep the layout stable. */}
            {rows === undefined &&
              shops.map((shop) => (
                <tr key={shop.id}>
                  <td className="t2 shop-platform">{say(shop.label)}</td>
                  <td className="cut">{shop.name}</td>
                  <td className="right t3">–</td>
                  <td className="right t3">–</td>
                  <td colSpan={3} />
                </tr>
              ))}
            {rows?.map((row) => (
              <ShopRow key={`${row.shopId} ${row.stream}`} {...{ row, from, now }} />
            ))}
          </tbody>
        </table>
      </div>
      {rows?.length === 0 && (
        <p className="panel-empty t2">
          {say(['还没有店铺。', 'No shop yet. '])}{' '}
          {may('shops.write') && (
            <PageLink act to="/shops/connect">
              {say(['接入第一家店铺', 'Connect the first shop'])}
            </PageLink>
          )}
        </p>
      )}
    </section>
  )
}

function ShopRow({ row, from, now }: { row: CoverageRow; from: number; now: number }) {
  const say = useSay()
  const shop = useShop(row.shopId)
  const bad = row.state === 'paused' || row.state === 'failing'
  return (
    <tr>
      <td className="t2 shop-platform">{shop && say(shop.label)}</td>
      <td className="cut" title={shop?.name}>
        <PageLink to="/tasks" search={{ shop: row.shopId }} className="ink">
          {shop?.name ?? row.shopId}
        </PageLink>
      </td>
      <td className={`right medium ${bad ? 'ink-bad' : ''}`} title={say(knownByWords[row.knownBy])}>
        {row.completeTo ? completeText(row.completeTo, now) : '–'}
      </td>
      <td className="right t2">{row.behindMs === null ? '–' : span(row.behindMs)}</td>
      <td>
        <Strip row={row} from={from} now={now} />
      </td>
      <td className="coverage-state">
        <Status tone={coverageTones[row.state]}>
          <span className={bad ? '' : 't2'}>{coverageText(row, say)}</span>
          {row.push && (
            <div className={`push-state ${row.push.live ? 't3' : 'ink-warn'}`}>{pushText(row.push, say)}</div>
          )}
        </Status>
      </td>
      <td
        className="right"
        title={say(
          ['见到 {seen}，新增 {created}，更新 {updated}', '{seen} seen, {created} new, {updated} updated'],
          {
            seen: count(row.seen),
            created: count(row.created),
            updated: count(row.updated),
          },
        )}
      >
        <PageLink to="/tasks" search={{ shop: row.shopId }} className="ink">
          {count(row.created + row.updated)}
        </PageLink>
      </td>
    </tr>
  )
}

/** Returns the time of today, or date and time of an earlier day. */
function completeText(at: string, now: number): string {
  return dayStart(Date.parse(at)) === dayStart(now) ? clock(at) : shortTime(at)
}

/** The last hour as a bar: downloaded time is grey, missing time has the colour of its reason. */
function Strip({ row, from, now }: { row: CoverageRow; from: number; now: number }) {
  const at = row.completeTo ? Math.max(0, Math.min(1, (Date.parse(row.completeTo) - from) / (now - from))) : 0
  const tone = row.state === 'complete' ? '' : coverageTones[row.state]
  return (
    <svg className="strip" viewBox="0 0 140 6" preserveAspectRatio="none" aria-hidden="true">
      <rect width="140" height="6" className={`strip-rest ${tone}`} />
      <rect width={140 * at} height="6" className="strip-done" />
    </svg>
  )
}
