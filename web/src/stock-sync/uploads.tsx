import {
  type StockSyncState,
  stockSyncStateLabels,
  syncFailureLabels,
  traceWords,
} from '../../../server/stock-sync/lifecycle.ts'
import { stockSyncVerbs } from '../../../server/stock-sync/verbs-contract.ts'
import { ListingCell } from '../catalog/listing-cells.tsx'
import { actionsOn, type RowAction } from '../ui/act/actions.ts'
import { count } from '../ui/base/figures.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import { Tip } from '../ui/overlay/tip.tsx'
import { type Say, useSay } from '../words.ts'
import { RuleDialog } from './rule-dialog.tsx'
import type { UploadRow } from './types.ts'

export const uploadCells = {
  goods: (row: UploadRow, compact: boolean) => <ListingCell listing={row} compact={compact} />,
  rule: (row: UploadRow) => <RuleCell row={row} />,
  quantity: (row: UploadRow) => <Quantity row={row} />,
}

function None() {
  return <span className="t3">–</span>
}

/** The quantity, with its calculation on hover. */
function Quantity({ row }: { row: UploadRow }) {
  const say = useSay()
  if (row.quantity === null) return <None />
  return (
    <Tip text={row.trace ? say(traceWords(row.trace)) : undefined}>
      <span className="num strong">{count(row.quantity)}</span>
    </Tip>
  )
}

function RuleCell({ row }: { row: UploadRow }) {
  const say = useSay()
  const rule = row.trace?.rule
  if (!rule) return <None />
  const text = ruleText(rule, say)
  return (
    <div className="cut" title={text}>
      {row.rule !== null && <b>{say(['单独', 'Own'])} </b>}
      <span className={row.rule === null ? 't2' : ''}>{text}</span>
    </div>
  )
}

type Rule = NonNullable<UploadRow['trace']>['rule']

/** "80% · 安全 2 · 最多 100" */
export function ruleText(rule: Rule, say: Say): string {
  return [
    `${rule.percent}%`,
    rule.plus === 0 ? '' : `${rule.plus > 0 ? '+' : '−'}${Math.abs(rule.plus)}`,
    rule.safety === 0 ? '' : say(['安全 {n}', '{n} held back'], { n: rule.safety }),
    rule.min === 0 ? '' : say(['至少 {n}', 'at least {n}'], { n: rule.min }),
    rule.max === null ? '' : say(['最多 {n}', 'at most {n}'], { n: rule.max }),
    rule.warehouses.length === 0
      ? ''
      : say(['{n} 个仓', '{n} {n|warehouse|warehouses}'], { n: rule.warehouses.length }),
  ]
    .filter(Boolean)
    .join(' · ')
}

const tones: Record<StockSyncState, Tone> = {
  failed: 'bad',
  waiting: 'move',
  synced: 'ok',
  paused: 'warn',
  off: 'idle',
}

/** Returns the listing's state; for one that failed, is off, is paused or waits for a person also the reason and what to do. */
export function uploadStateOf(row: UploadRow, say: Say): { first: React.ReactNode; second: string } {
  const first = <Status tone={tones[row.standing]}>{say(stockSyncStateLabels[row.standing])}</Status>
  if (row.problem !== '' && (row.standing === 'failed' || row.standing === 'off')) {
    const { zh, en, zhRemedy, enRemedy } = syncFailureLabels[row.problem]
    const why = [say([zh, en]), row.problemText].filter(Boolean).join(say(['：', ': ']))
    return { first, second: `${why}${say(['；', '; '])}${say([zhRemedy, enRemedy])}` }
  }
  if (row.standing === 'off')
    return { first, second: say(['店铺没有开启，按 S 设置', 'Shop is off; press S']) }
  if (row.standing === 'paused')
    return {
      first,
      second: say(['平台停在上次的数；按 U 恢复', 'The platform keeps what it had; U resumes']),
    }
  if (row.standing === 'waiting' && row.needsPerson)
    return {
      first,
      second: say([
        '推了几次都没有回音，这个商品停在这里；到 平台回写 的 结果不明 里重试',
        'No send had a clear answer, so this item stands still; try it again under Write-back, Unclear',
      ]),
    }
  return { first, second: '' }
}

const notOn = (row: UploadRow, say: Say) =>
  row.standing === 'off' && row.problem === ''
    ? say(['店铺没有开启库存同步', 'Stock upload is off for its shop'])
    : row.standing === 'paused'
      ? say(['已暂停，先恢复', 'Paused; resume it first'])
      : row.problem === 'gone'
        ? say(['平台商品已下架删除', 'The listing is gone'])
        : undefined

const act = actionsOn<UploadRow>()

export const uploadActions = {
  resync: act(stockSyncVerbs.resync, { letter: 'T', why: notOn }),
  rule: act(stockSyncVerbs.rule, { letter: 'R', input: (props) => <RuleDialog {...props} /> }),
  pause: act(stockSyncVerbs.pause, {
    letter: 'P',
    danger: true,
    tabs: ['all', 'failed', 'waiting', 'synced'],
    why: (row, say) => (row.standing === 'paused' ? say(['已经暂停', 'Paused already']) : undefined),
  }),
  resume: act(stockSyncVerbs.resume, {
    letter: 'U',
    tabs: ['all', 'paused'],
    why: (row, say) => (row.standing === 'paused' ? undefined : say(['没有暂停', 'Not paused'])),
  }),
} satisfies Record<string, RowAction<UploadRow>>
