import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useState } from 'react'
import { isOffPlatform, statusWords } from '../../../../server/orders/order/lifecycle.ts'
import { reviewVerbs } from '../../../../server/orders/verbs-contract.ts'
import { get } from '../../api.ts'
import { deliveryActions } from '../../fulfilment/deliveries.tsx'
import { useDeliveriesOf } from '../../fulfilment/order-deliveries.tsx'
import type { DeliveryRow } from '../../fulfilment/types.ts'
import { ShopLabel } from '../../intake/cells.tsx'
import { type RowAction, useActions } from '../../ui/act/actions.ts'
import { type Act, Acts } from '../../ui/act/acts.tsx'
import { outcomeText } from '../../ui/act/batch-words.ts'
import { LoadError } from '../../ui/base/empty.tsx'
import { every } from '../../ui/base/every.ts'
import { connectorsQuery, useShop } from '../../ui/base/session.ts'
import { Status } from '../../ui/base/status.tsx'
import { ListDialogs } from '../../ui/list/list-dialogs.tsx'
import { useUrlState } from '../../ui/list/search-params.ts'
import { Drawer, Steps } from '../../ui/overlay/drawer.tsx'
import { toast } from '../../ui/overlay/toasts.tsx'
import { useSay } from '../../words.ts'
import { orderActions } from '../order-actions.tsx'
import { OrderMarks, orderTones } from '../orders.tsx'
import type { OrderDetail, OrderRow } from '../types.ts'
import { OrderBody } from './order-body.tsx'
import { OrderNote, stepsOf } from './order-progress.tsx'
import { rowOf } from './row-of.ts'

const ExtraRefundDialog = lazy(() => import('../dialogs/extra-refund-dialog-page.tsx'))
const EditDialog = lazy(() => import('../dialogs/edit-dialog-page.tsx'))
const SplitByHand = lazy(() => import('../dialogs/split-dialog-page.tsx'))
const CopyDialog = lazy(() => import('../dialogs/copy-dialog-page.tsx'))
const MemoDialog = lazy(() => import('../dialogs/memo-dialog-page.tsx'))

type DrawerProps = {
  id: string
  /** The index among the loaded rows of the row from which the drawer was opened. */
  at: number
  total: number
  step: (by: number) => void
  onClose: () => void
}

/** One sales order: lifecycle steps, obstacles, goods, money, holds and related documents. */
export default function OrderDrawer({ id, at, total, step, onClose }: DrawerProps) {
  const say = useSay()
  const order = useQuery({
    queryKey: ['/orders', id],
    queryFn: () => get('/orders/:id', { id }),
    refetchInterval: every(10_000),
  })
  const { data } = order
  const delivery = useDeliveriesOf(id)?.find((row) => row.status !== 'cancelled')
  return (
    <Drawer
      label={say(['销售订单 {no}', 'Sales order {no}'], { no: data?.no ?? '' })}
      at={at}
      total={total}
      step={step}
      onClose={onClose}
      title={
        data && (
          <>
            <h2>{data.no}</h2>
            <Status tone={orderTones[data.status]}>{say(statusWords[data.status])}</Status>
            <OrderMarks order={data} />
            {data.openHolds > 0 && <Status tone="warn">{say(['挂起', 'On hold'])}</Status>}
            <span className="t2 small cut">
              <ShopLabel id={data.shopId} short />
            </span>
          </>
        )
      }
      foot={data && <OrderActs key={data.id} order={data} delivery={delivery} />}
    >
      {order.error && <LoadError error={order.error} onRetry={() => void order.refetch()} />}
      {data && (
        <>
          <Steps steps={stepsOf(data, delivery, say)} />
          <OrderNote order={data} />
          <OrderBody key={data.id} order={data} />
        </>
      )}
    </Drawer>
  )
}

type OrderDialog = 'extra' | 'memo' | 'edit' | 'copy' | 'split'
type ActsOfOrder = ReturnType<typeof useActions<OrderRow>>

function OrderActs({ order, delivery }: { order: OrderDetail; delivery: DeliveryRow | undefined }) {
  const [dialog, setDialog] = useState<OrderDialog>()
  const actions = useActions<OrderRow>(() => undefined)
  const parcels = useActions<DeliveryRow>(() => undefined)
  const extra = useExtraRefund(order, actions, setDialog)
  const row = rowOf(order)
  const acts = useOrderActs({ order, row, actions, extraWhy: extra.why, open: setDialog })
  const next = order.status === 'released' && delivery ? nextOf(delivery) : undefined
  return (
    <>
      <Acts
        acts={[...(next && delivery ? [{ ...parcels.actOf(next, delivery), primary: true }] : []), ...acts]}
        busy={actions.busy}
      />
      <ListDialogs actions={actions} batch={undefined} rows={[row]} nameOf={(each) => each.no} />
      {delivery && (
        <ListDialogs actions={parcels} batch={undefined} rows={[delivery]} nameOf={(each) => each.no} />
      )}
      <Suspense>
        {dialog === 'extra' && (
          <ExtraRefundDialog
            orderId={order.id}
            orderNo={order.no}
            limitFen={order.extraLimitFen}
            {...(extra.refundNo ? { refundNo: extra.refundNo } : {})}
            onClose={() => {
              setDialog(undefined)
              extra.forget()
            }}
          />
        )}
        {dialog === 'copy' && <CopyDialog order={order} onClose={() => setDialog(undefined)} />}
        {dialog === 'split' && <SplitByHand order={order} onClose={() => setDialog(undefined)} />}
        {dialog === 'edit' && <EditDialog order={order} onClose={() => setDialog(undefined)} />}
        {dialog === 'memo' && <MemoDialog order={order} onClose={() => setDialog(undefined)} />}
      </Suspense>
    </>
  )
}

/**
 * Why the order can have no extra refund, and the platform's refund to which the next one belongs. If the page of a refund has opened this
 * order for an extra refund (`?do=extra`), `open` is called, or a toast says why none is possible.
 */
function useExtraRefund(order: OrderDetail, { allowed }: ActsOfOrder, open: (dialog: OrderDialog) => void) {
  const say = useSay()
  const [search, setSearch] = useUrlState()
  const [refundNo, setRefundNo] = useState<string>()
  const why =
    allowed('refunds.extra') ??
    (order.extraLimitFen > 0
      ? undefined
      : order.money.paidFen === 0
        ? say(['未付款，没有可退的钱', 'Not paid: there is no money to return'])
        : say(['实付都已退或在退，没有可退的', 'Everything paid is refunded or about to be']))
  const asked = search['do'] === 'extra'
  useEffect(() => {
    if (!asked) return
    setSearch({ do: '', refundNo: '' })
    if (why !== undefined) return toast('warn', why)
    setRefundNo(search['refundNo'])
    open('extra')
  }, [asked, why, search, setSearch, open])
  /** Called when a dialog ends: the next extra refund is not linked to this refund. */
  const forget = () => setRefundNo(undefined)
  return { why, refundNo, forget }
}

/** All buttons of the order, in the order in which they are shown. */
function useOrderActs(props: {
  order: OrderDetail
  row: OrderRow
  actions: ActsOfOrder
  extraWhy: string | undefined
  open: (dialog: OrderDialog) => void
}): Act[] {
  const { order, row, actions, open } = props
  const say = useSay()
  const shopRefusal = useMemoRefusal(order.shopId)
  const memoWhy = isOffPlatform(order.origin) ? undefined : shopRefusal
  const verdictOf = (name: string, permission: string) => {
    const verdict = order.actions.find((each) => each.action === name)
    return (
      actions.allowed(permission) ?? (verdict && !verdict.allowed ? outcomeText(verdict, say) : undefined)
    )
  }
  const own = (action: RowAction<OrderRow>): Act => {
    const act = actions.actOf(action, row)
    return {
      ...act,
      primary: false,
      why: verdictOf(action.path.replace('/orders/', ''), action.permission) ?? act.why,
    }
  }
  const opens = (name: OrderDialog, letter: string, words: Act['words'], why: string | undefined): Act => ({
    ...{ name, letter, words, why },
    run: () => open(name),
  })
  return [
    ...deskActsOf(order).map((action) => ({ ...own(action), primary: action === orderActions.confirm })),
    opens('edit', 'A', reviewVerbs.edit.words, verdictOf('edit-ownNote', 'orders.edit')),
    ...(order.status === 'confirmed' ? [{ ...own(orderActions.send), primary: true }] : []),
    ...ownActsOf(order).map(own),
    own(waitsForPerson(order) ? orderActions.release : orderActions.hold),
    ...(order.notices.some(({ stops }) => stops) ? [own(orderActions.shipOver)] : []),
    opens('memo', 'M', ['写备注', 'Memo'], actions.allowed('memo.write') ?? memoWhy),
    own(lockActOf(order, actions.allowed)),
    opens('split', 'Q', ['拆单', 'Split'], verdictOf('split', 'orders.split')),
    ...togetherActsOf(order).map(own),
    { ...opens('extra', 'E', ['部分退款', 'Extra refund'], props.extraWhy), name: 'extra-refund' },
    opens('copy', 'R', ['补发、复制', 'Send again'], actions.allowed('orders.create')),
    own(order.status === 'voided' ? orderActions.restore : orderActions.void),
  ]
}

/** The next step of a waiting parcel if it is done at a desk; undefined for checking and weighing, which are done at a station. */
function nextOf({ workState }: DeliveryRow): RowAction<DeliveryRow> | undefined {
  if (workState === 'number') return deliveryActions.takeNumbers
  if (workState === 'print') return deliveryActions.print
  return workState === 'ready' ? deliveryActions.ship : undefined
}

function deskActsOf({ status, openProblems }: OrderDetail): RowAction<OrderRow>[] {
  if (status === 'unconfirmed')
    return [orderActions.confirm, ...(openProblems > 0 ? [orderActions.waive] : [])]
  return status === 'confirmed' ? [orderActions.unconfirm] : []
}

/** Actions of an unpaid off-platform order, and of an order with a planned ship date. */
function ownActsOf(order: OrderDetail): RowAction<OrderRow>[] {
  const unpaid = order.actions.some(({ action, allowed }) => action === 'book-payment' && allowed)
  return [...(unpaid ? [orderActions.bookPayment] : []), ...(order.shipAfter ? [orderActions.shipAfter] : [])]
}

/** Actions of a child order, of a merged order, and of an order that can be merged. */
function togetherActsOf({ splitFrom, parcel, status, relations }: OrderDetail): RowAction<OrderRow>[] {
  return [
    ...(relations.mates.some(({ why }) => why === null) ? [orderActions.mergeMates] : []),
    ...(splitFrom !== null && status !== 'voided' ? [orderActions.unsplit] : []),
    ...(parcel === null ? [] : [orderActions.unmerge]),
  ]
}

function lockActOf(
  { lockedName, lockedByOther }: OrderDetail,
  allowed: (permission: string) => string | undefined,
): RowAction<OrderRow> {
  if (lockedName === '') return orderActions.lock
  return lockedByOther && allowed('orders.unlock') === undefined
    ? orderActions.forceUnlock
    : orderActions.unlock
}

/** Returns why the shop's platform accepts no memo; undefined: it accepts one. */
function useMemoRefusal(shopId: string): string | undefined {
  const say = useSay()
  const shop = useShop(shopId)
  const cannot = useQuery(connectorsQuery).data?.rows.find((each) => each.id === shop?.platform)?.cannot[
    'updateMemo'
  ]
  return cannot && say(cannot)
}

/**
 * True if the order has a hold that a person or a refund lifts. An order that only waits for a match does not count, because a person can
 * still put it on hold.
 */
function waitsForPerson({ actions }: OrderDetail): boolean {
  const lift = actions.find(({ action }) => action === 'release-hold')
  return lift?.allowed === true || lift?.code === 'hold_of_refund'
}
