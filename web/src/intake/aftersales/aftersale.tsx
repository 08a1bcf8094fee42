import { lazy, Suspense } from 'react'
import { refundStatusWords } from '../../../../server/connectors/words-contract.ts'
import { dutyWords, noOrderWords, suggestionWords } from '../../../../server/intake/aftersales/desk-rules.ts'
import { refusableStates } from '../../../../server/intake/lifecycle.ts'
import { afterSalesVerbs, refundVerbs } from '../../../../server/intake/verbs-contract.ts'
import { originalWords } from '../../../../server/orders/refunds/refund-rules.ts'
import { NoteDialog } from '../../fulfilment/note-dialog.tsx'
import { actionsOn, type RowAction } from '../../ui/act/actions.ts'
import { Countdown } from '../../ui/base/figures.tsx'
import { Status, type Tone } from '../../ui/base/status.tsx'
import { type Say, useSay } from '../../words.ts'
import { RefundGoods, ShopLabel, Two } from '../cells.tsx'
import { deadlineOf, processConfirm, refundActions, refundVerdict } from '../refunds/refunds.tsx'
import type { DeskRow } from '../types.ts'
import { refundTypeWords } from '../words.ts'
import { DutyDialog } from './duty-dialog.tsx'

const AgreeManyDialog = lazy(() => import('../refunds/agree-many-dialog-page.tsx'))
const RefuseManyDialog = lazy(() => import('../refunds/refuse-many-dialog-page.tsx'))

export const afterSalesCells = {
  no: (row: DeskRow, compact: boolean) =>
    compact ? row.refundNo : <Two first={row.refundNo} second={<ShopLabel id={row.shopId} />} />,
  type: (row: DeskRow, compact: boolean) => <TypeCell row={row} compact={compact} />,
  goods: (row: DeskRow, compact: boolean) => <RefundGoods row={row} compact={compact} />,
  deadline: (row: DeskRow) => <Countdown to={row.suggestion === 'wait_platform' ? null : deadlineOf(row)} />,
  original: (row: DeskRow, compact: boolean) => <OriginalCell row={row} compact={compact} />,
  duty: (row: DeskRow) => <DutyCell row={row} />,
}

function TypeCell({ row, compact }: { row: DeskRow; compact: boolean }) {
  const say = useSay()
  const type = say(refundTypeWords(row.kind, row.phase, row.original))
  return compact ? <div className="cut">{type}</div> : <Two first={type} second={row.buyerReason} />
}

function OriginalCell({ row, compact }: { row: DeskRow; compact: boolean }) {
  const say = useSay()
  const word = say(
    row.original
      ? originalWords[row.original]
      : noOrderWords[row.reason === 'no_original' ? 'no_original' : 'staged'],
  )
  return compact ? <div className="cut">{word}</div> : <Two first={word} second={row.originalNo || row.tid} />
}

function DutyCell({ row }: { row: DeskRow }) {
  const say = useSay()
  return row.duty === '' ? (
    <span className="t3">–</span>
  ) : (
    <span title={[row.dutyNote, row.dutyBy].filter(Boolean).join(' · ')}>{say(dutyWords[row.duty])}</span>
  )
}

const tones: Record<DeskRow['suggestion'], Tone> = {
  convert: 'warn',
  agree: 'ok',
  agree_no_order: 'ok',
  pull: 'bad',
  recall: 'bad',
  return: 'warn',
  return_there: 'warn',
  goods_back: 'ok',
  goods_back_there: 'warn',
  settle_return: 'bad',
  wait_payment: 'ring',
  answer: 'warn',
  wait_original: 'ring',
  wait_platform: 'move',
  wait_courier: 'move',
  wait_buyer: 'ring',
  wait_goods: 'ring',
}

export function afterSalesOutcome(row: DeskRow, say: Say): { first: React.ReactNode; second: string } {
  const standing = row.error === '' ? say(refundStatusWords[row.status]) : refundVerdict(row, say).second
  return {
    first: <Status tone={tones[row.suggestion]}>{say(suggestionWords[row.suggestion])}</Status>,
    second: standing,
  }
}

type ParcelEvent = 'pull' | 'ask' | 'miss' | 'money'

const whyNoParcel = (event: ParcelEvent) => (row: DeskRow, say: Say) => {
  const alive = row.intercept?.state === 'open' || row.intercept?.state === 'asked'
  const fits = alive && (event !== 'ask' || row.intercept?.way === 'recall')
  return fits ? undefined : say(['没有要拦的包裹', 'There is no parcel to stop'])
}

/** Returns why the refund cannot be answered here; undefined: it can. Whether the platform accepts an answer is known only after sending. */
function whyNotAnswered(row: DeskRow, say: Say, from: readonly DeskRow['state'][]): string | undefined {
  if (row.suggestion === 'wait_platform') return say(['正在写回平台', 'The platform is being told'])
  if (row.constraint !== '') return row.constraint
  return from.includes(row.state) ? undefined : say(['状态已变', 'Its state has changed'])
}

const act = actionsOn<DeskRow>()

export const afterSalesActions: readonly RowAction<DeskRow>[] = [
  act(refundVerbs.convert, {
    batch: 'aftersale.convert',
    letter: 'C',
    primary: true,
    why: (row, say) =>
      row.state === 'staged' ? refundActions.convert.why?.(row, say) : say(['已转退单', 'Converted already']),
  }),
  act(afterSalesVerbs.agree, {
    letter: 'A',
    seen: true,
    why: (row, say) => whyNotAnswered(row, say, ['staged', 'converted']),
    input: (props) => (
      <Suspense>
        <AgreeManyDialog {...props} />
      </Suspense>
    ),
  }),
  act(afterSalesVerbs.refuse, {
    letter: 'R',
    seen: true,
    why: (row, say) => whyNotAnswered(row, say, refusableStates),
    input: (props) => (
      <Suspense>
        <RefuseManyDialog {...props} />
      </Suspense>
    ),
  }),
  act(afterSalesVerbs.pull, {
    why: whyNoParcel('pull'),
    letter: 'U',
    confirm: [
      '{n} 笔的包裹已在手上：撤销发货，货回库存。',
      'The parcels of {n} are in hand: shipping is undone, stock returns.',
    ],
  }),
  act(afterSalesVerbs.ask, {
    why: whyNoParcel('ask'),
    letter: 'Q',
    input: (props) => (
      <NoteDialog
        {...props}
        title={['已请快递拦截 {n} 笔', 'The courier was asked for {n}']}
        act={['记下', 'Note']}
      />
    ),
  }),
  act(afterSalesVerbs.miss, {
    why: whyNoParcel('miss'),
    letter: 'M',
    input: (props) => (
      <NoteDialog {...props} title={['没拦到 {n} 笔', '{n} missed']} act={['没拦到', 'Missed']} />
    ),
  }),
  act(afterSalesVerbs.money, {
    why: whyNoParcel('money'),
    letter: 'N',
    input: (props) => (
      <NoteDialog
        {...props}
        title={['只退钱，不拦 {n} 笔', 'Money only for {n}']}
        act={['只退钱', 'Money only']}
        text={[
          '包裹照发。这里不同意退款，另按同意退款。',
          'The parcels go on. Agreeing to the refund is another act.',
        ]}
      />
    ),
  }),
  act(afterSalesVerbs.assignFault, {
    letter: 'Y',
    input: (props) => <DutyDialog {...props} />,
  }),
  act(refundVerbs.process, {
    batch: 'aftersale.process',
    letter: 'P',
    confirm: processConfirm,
    why: (row, say) => (row.state === 'staged' ? undefined : say(['已转退单', 'Converted already'])),
  }),
]
