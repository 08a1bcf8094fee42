import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { yuan } from '../../../../server/lib/money-text.ts'
import { nameOf, type RowAction, useActions } from '../../ui/act/actions.ts'
import { type Act, Acts, keyOf } from '../../ui/act/acts.tsx'
import { outcomeText } from '../../ui/act/batch-words.ts'
import { Button, KeyCap } from '../../ui/base/button.tsx'
import { useKeys } from '../../ui/base/keys.ts'
import { useAllowed, useShop } from '../../ui/base/session.ts'
import { ListDialogs } from '../../ui/list/list-dialogs.tsx'
import { useSay } from '../../words.ts'
import type { RefundDetail, RefundRow } from '../types.ts'
import { refundActions } from './refunds.tsx'

const RefuseDialog = lazy(() => import('./refuse-dialog-page.tsx'))
const AgreeDialog = lazy(() => import('./agree-dialog-page.tsx'))
const ConvertFirst = lazy(() => import('./convert-first-dialog-page.tsx'))

export function RefundActs({
  refund,
  onAnswered,
  onGone,
}: {
  refund: RefundDetail
  onAnswered: () => void
  onGone: () => void
}) {
  const say = useSay()
  const allowed = useAllowed()
  const navigate = useNavigate()
  const shop = useShop(refund.shopId)
  const [dialog, setDialog] = useState<'refuse' | 'agree' | 'extra'>()
  const actions = useActions<RefundRow>((doneIds) => doneIds.includes(refund.id) && onGone())
  /** Opens the order with the dialog of an extra refund. The order's id leads to the split order that has the refunded goods. */
  const openOrder = (orderId: string) =>
    void navigate({
      to: '/orders',
      search: { tab: 'all', open: orderId, do: 'extra', refundNo: refund.refundNo },
    })
  const why = (name: string, permission: string) => {
    const verdict = refund.actions.find((each) => each.action === name)
    return allowed(permission) ?? (verdict && !verdict.allowed ? outcomeText(verdict, say) : undefined)
  }
  const actOf = (action: RowAction<RefundRow>, reason: string | undefined): Act => ({
    name: nameOf(action),
    words: action.words,
    letter: action.letter,
    why: reason,
    run: () => actions.start(action, [refund]),
  })
  const acts: Act[] = [
    {
      ...(refund.state === 'processed'
        ? actOf(refundActions.unprocess, why('unprocess', 'refunds.process'))
        : actOf(refundActions.convert, why('convert', 'refunds.convert'))),
      primary: true,
    },
    ...(refund.doubts.some(({ taken }) => !taken)
      ? [actOf(refundActions.take, why('take-doubts', 'trades.doubts'))]
      : []),
    {
      name: 'refuse',
      words: ['拒绝退款…', 'Refuse…'],
      letter: 'R',
      why: why('refuse', 'refunds.refuse'),
      run: () => setDialog('refuse'),
    },
    {
      name: 'extra-refund',
      words: ['部分退款', 'Extra refund'],
      letter: 'E',
      // An extra refund belongs to an order, so the order is opened for it.
      why:
        (refund.original?.orderId ? why('extraRefund', 'refunds.extra') : allowed('refunds.extra')) ??
        allowed('orders.read'),
      run: () => (refund.original?.orderId ? openOrder(refund.original.orderId) : setDialog('extra')),
    },
    ...(refund.state === 'processed'
      ? []
      : [actOf(refundActions.process, why('process', 'refunds.process'))]),
  ]
  const agree: Act = {
    name: 'agree',
    words: ['同意退款…', 'Agree…'],
    letter: 'A',
    why: why('agree', 'refunds.agree'),
    run: () => setDialog('agree'),
  }
  useKeys([keyOf(agree, actions.busy)])
  return (
    <footer className="drawer-foot">
      <Acts acts={acts} busy={actions.busy}>
        <span className="row t2 small">
          <KeyCap>J K</KeyCap> {say(['上下一笔', 'next'])}
        </span>
        <Button action={agree.name} letter="A" why={agree.why} onClick={agree.run}>
          {say(['同意退款 ¥{amount}…', 'Agree to ¥{amount}…'], { amount: yuan(refund.amountFen) })}
        </Button>
      </Acts>
      <ListDialogs actions={actions} batch={undefined} rows={[refund]} nameOf={(row) => row.refundNo} />
      <Suspense>
        {dialog === 'refuse' && (
          <RefuseDialog
            refund={refund}
            platform={shop ? say(shop.label) : ''}
            onAnswered={onAnswered}
            onClose={() => setDialog(undefined)}
          />
        )}
        {dialog === 'agree' && (
          <AgreeDialog
            refund={refund}
            platform={shop ? say(shop.label) : ''}
            onAnswered={onAnswered}
            onClose={() => setDialog(undefined)}
          />
        )}
        {dialog === 'extra' && (
          <ConvertFirst refund={refund} onConverted={openOrder} onClose={() => setDialog(undefined)} />
        )}
      </Suspense>
    </footer>
  )
}
