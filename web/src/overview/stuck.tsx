import { refusalText, remedyText } from '../ui/act/batch-words.ts'
import { cappedCount, count } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { linkOf } from '../ui/list/search-params.ts'
import { type LocalizedPair, type Say, useSay } from '../words.ts'
import type { Stuck } from './types.ts'

const places: Record<Stuck['where'], LocalizedPair> = {
  staged: ['待转入', 'To convert'],
  fetching: ['取明细', 'Fetching'],
  unconfirmed: ['未发货', 'Unshipped'],
  to_release: ['待配货', 'To release'],
  refunds: ['待转退单', 'Refunds'],
  write_back: ['待回写', 'Write-back'],
}

/** Reasons that only the overview names: those of orders before shipping. */
const ownWords: Record<string, LocalizedPair> = {
  unmatched: ['商品未匹配', 'Not matched'],
  refund_held: ['退款申请中挂起', 'Held by a refund'],
  on_hold: ['其他挂起', 'Other holds'],
  differs: ['平台有改动', 'Changed on the platform'],
  short: ['缺货', 'Short of stock'],
}

/** By reason: the label of the link to the remedy, and its page if that is not the list of the documents. */
const acts: Record<string, { words: LocalizedPair; to?: string }> = {
  refund_open: { words: ['处理退款', 'Handle'], to: '/staged-refunds' },
  refund_held: { words: ['处理退款', 'Handle'] },
  unmatched: { words: ['去匹配', 'Match'], to: '/listings' },
  short: { words: ['看缺货', 'See them'] },
  differs: { words: ['处理差异', 'Settle'] },
  detail_failed: { words: ['看失败', 'See why'] },
  write_back_failed: { words: ['更正', 'Correct'] },
  write_back_unclear: { words: ['核对', 'Check'] },
  on_hold: { words: ['看挂起', 'See holds'] },
  before_go_live: { words: ['改上线时间', 'Go-live time'], to: '/shops' },
}

const reasonText = (code: string, say: Say) => {
  const own = ownWords[code]
  return own ? say(own) : refusalText(code, say)
}

/** Why documents do not move on, with the remedy for each reason. */
export function StuckReasons({ stuck }: { stuck: readonly Stuck[] | undefined }) {
  const say = useSay()
  const sum = stuck?.reduce((total, each) => total + each.count, 0) ?? 0
  const byPerson = stuck?.reduce((total, each) => total + (each.needsPerson ? each.count : 0), 0) ?? 0
  return (
    <section className="panel stuck" aria-label={say(['卡住的单', 'What is stuck'])}>
      <header className="panel-head">
        <h2>{say(['卡住的单', 'What is stuck'])}</h2>
        {stuck && (
          <span className="t2 num small">
            {say(['{sum}，要人处理 {n}', '{sum}, {n} {n|needs|need} a person'], {
              sum: count(sum),
              n: count(byPerson),
            })}
          </span>
        )}
      </header>
      <div className="panel-body">
        <table className="plain-table">
          <thead>
            <tr>
              <th>{say(['原因', 'Reason'])}</th>
              <th>{say(['停在', 'Where'])}</th>
              <th className="right">{say(['单', 'Rows'])}</th>
              <th className="right">{say(['怎么办', 'What to do'])}</th>
            </tr>
          </thead>
          <tbody>
            {stuck?.map((each) => {
              const act = acts[each.code]
              const at = linkOf(each.to)
              return (
                <tr key={`${each.code} ${each.where}`}>
                  <td title={remedyText(each.code, say)}>{reasonText(each.code, say)}</td>
                  <td className="t2 nowrap">{say(places[each.where])}</td>
                  <td className="right medium">
                    <PageLink {...at} className="ink">
                      {cappedCount(each)}
                    </PageLink>
                  </td>
                  <td className="right nowrap">
                    {each.needsPerson ? (
                      <PageLink act {...(act?.to ? { to: act.to } : at)}>
                        {say(act?.words ?? ['去看', 'View'])}
                      </PageLink>
                    ) : (
                      <span className="t2">{say(['自动放行', 'Automatic'])}</span>
                    )}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
        {stuck?.length === 0 && (
          <p className="panel-empty t2">{say(['没有卡住的单。', 'Nothing is stuck.'])}</p>
        )}
      </div>
    </section>
  )
}
