import {
  type StockSyncState,
  stockSyncStateLabels,
  syncFailureLabels,
  traceWords,
} from '../../../server/stock-sync/lifecycle.ts'
import { stockSyncVerbs } from '../../../server/stock-sync/verbs-contract.ts'
import { ListingCell } from '../catalog/listing-cells.tsx'
import { ShopLabel } from '../intake/cells.tsx'
import { actionsOn, type RowAction } from '../ui/act/actions.ts'
import { count, Time } from '../ui/base/figures.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import { shared } from '../ui/base/words.ts'
import type { Column } from '../ui/list/data-list.tsx'
import type { Field } from '../ui/list/filters.ts'
import { Tip } from '../ui/overlay/tip.tsx'
import { type Say, useSay } from '../words.ts'
import { RuleDialog } from './rule-dialog.tsx'
import type { UploadRow } from './types.ts'

const yesNo = [
  { value: 'true', label: shared.yes },
  { value: 'false', label: shared.no },
]

export const uploadFields: readonly Field[] = [
  { key: 'shop', label: shared.shop, kind: 'shops' },
  { key: 'own', label: ['单独规则', 'Rule of its own'], kind: 'options', options: yesNo },
  {
    key: 'zero',
    label: ['应推数量', 'Quantity'],
    kind: 'options',
    options: [
      { value: 'true', label: ['为 0', 'None'] },
      { value: 'false', label: ['大于 0', 'Some'] },
    ],
  },
  {
    key: 'q',
    label: ['搜索', 'Search'],
    kind: 'text',
    hint: ['标题、规格、商家编码、平台 ID', 'Title, spec, outer code or platform id'],
  },
  { key: 'skuId', label: ['指定的 SKU', 'Given SKU'], kind: 'text', linked: true },
  { key: 'ids', label: ['指定的平台商品', 'Given listings'], kind: 'numbers' },
]

export const uploadColumns: readonly Column<UploadRow>[] = [
  {
    key: 'goods',
    title: ['平台商品 / 规格', 'Listing / spec'],
    width: 'minmax(220px,260fr)',
    fixed: true,
    cell: (row, compact) => <ListingCell listing={row} compact={compact} />,
  },
  {
    key: 'shop',
    title: shared.shop,
    width: 'minmax(110px,120fr)',
    cell: (row) => (
      <div className="cut">
        <ShopLabel id={row.shopId} short />
      </div>
    ),
  },
  {
    key: 'sku',
    title: ['SKU', 'SKU'],
    width: 'minmax(100px,110fr)',
    cell: (row) => <div className="cut">{row.skuCode || '–'}</div>,
  },
  {
    key: 'free',
    title: ['可用', 'Free'],
    width: '70px',
    align: 'right',
    cell: (row) => (row.trace === null ? <None /> : count(row.trace.base)),
  },
  {
    key: 'rule',
    title: ['规则', 'Rule'],
    width: 'minmax(100px,130fr)',
    cell: (row) => <RuleCell row={row} />,
  },
  {
    key: 'quantity',
    title: ['应推', 'To tell'],
    width: '76px',
    align: 'right',
    fixed: true,
    cell: (row) => <Quantity row={row} />,
  },
  {
    key: 'told',
    title: ['已推', 'Told'],
    width: '70px',
    align: 'right',
    cell: (row) => (row.toldQuantity === null ? <None /> : count(row.toldQuantity)),
  },
  {
    key: 'there',
    title: ['平台库存', 'Stock there'],
    width: '94px',
    align: 'right',
    cell: (row) => (
      <span className="t2">{row.platformQuantity === null ? '–' : count(row.platformQuantity)}</span>
    ),
  },
  {
    key: 'toldAt',
    title: ['推送时间', 'Told at'],
    width: '102px',
    align: 'right',
    cell: (row) => (
      <span className="t2">
        <Time at={row.toldAt} />
      </span>
    ),
  },
]

function None() {
  return <span className="t3">–</span>
}

/** The quantity; its calculation is shown on hover. */
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

/** Returns the listing's state; for a failed one the reason and what to do. */
export function standingOf(row: UploadRow, say: Say): { first: React.ReactNode; second: string } {
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
  return { first, second: '' }
}

const notOn = (row: UploadRow, say: Say) =>
  row.standing === 'off' && row.problem === ''
    ? say(['店铺没有开启库存同步', 'Stock upload is off for its shop'])
    : row.standing === 'paused'
      ? say(['已暂停，先恢复', 'Paused; resume it first'])
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
