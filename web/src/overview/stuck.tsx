import { refusalText, remedyText } from '../ui/act/batch-words.ts'
import { cappedCount, count } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { linkOf } from '../ui/list/search-params.ts'
import { type LocalizedPair, useSay } from '../words.ts'
import type { Stuck } from './types.ts'

const places: Record<Stuck['where'], LocalizedPair> = {
  staged: ['待转入', 'To convert'],
  fetching: ['取明细中', 'Fetching'],
  unconfirmed: ['未确认', 'Unconfirmed'],
  refunds: ['待转退单', 'Refunds'],
  write_back: ['待回写', 'Write-back'],
}

/** By reason: the label of the link to the remedy, and its page if that is not the list of the documents. */
const acts: Record<string, { words: LocalizedPair; to?: string }> = {
  refund_open: { words: ['处理退款', 'Handle'], to: '/staged-refunds' },
  detail_failed: { words: ['看失败', 'See why'] },
  write_back_failed: { words: ['更正', 'Correct'] },
  write_back_unclear: { words: ['核对', 'Check'] },
  on_hold: { words: ['看挂起', 'See holds'] },
  before_go_live: { words: ['改上线时间', 'Go-live time'], to: '/shops' },
}

/** Why documents do not move on, with the remedy for each reason. */
export function StuckReasons({ stuck }: { stuck: readonly Stuck[] | undefined }) {
  const say = useSay()
  const sum = stuck?.reduce((total, each) => total + each.count, 0) ?? 0
  const byPerson = stuck?.reduce((total, each) => total + (each.needsPerson ? each.count : 0), 0) ?? 0
  return (
    <section className="panel stuck" aria-label={say(['卡住的原因', 'What is stuck'])}>
      <header className="panel-head">
        <h2>{say(['卡住的原因', 'What is stuck'])}</h2>
        {stuck && (
          <span className="t2 num">
            {say(['{sum} 条，其中 {n} 条要人处理', '{sum} {sum|row|rows}, {n} {n|needs|need} a person'], {
              sum: count(sum),
              n: count(byPerson),
            })}
          </span>
        )}
      </header>
      <table className="plain-table">
        <thead>
          <tr>
            <th>{say(['原因', 'Reason'])}</th>
            <th className="right">{say(['条数', 'Rows'])}</th>
            <th>{say(['停在', 'Where'])}</th>
            <th>{say(['怎么办', 'What to do'])}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {stuck?.map((each) => {
            const act = acts[each.code]
            const at = linkOf(each.to)
            return (
              <tr key={`${each.code} ${each.where}`}>
                <td className="medium nowrap">{refusalText(each.code, say)}</td>
                <td className="right">
                  <PageLink {...at}>{cappedCount(each)}</PageLink>
                </td>
                <td className="t2 nowrap">{say(places[each.where])}</td>
                <td className="t2">{remedyText(each.code, say)}</td>
                <td className="right nowrap">
                  {each.needsPerson ? (
                    <PageLink act {...(act?.to ? { to: act.to } : at)}>
                      {say(act?.words ?? ['去看', 'View'])}
                    </PageLink>
                  ) : (
                    <span className="t3">{say(['自动', 'Automatic'])}</span>
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {stuck?.length === 0 && <p className="panel-empty t2">{say(['没有卡住的。', 'Nothing is stuck.'])}</p>}
    </section>
  )
}
