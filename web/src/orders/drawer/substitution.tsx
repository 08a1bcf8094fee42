import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { whyNotSubstituted } from '../../../../server/orders/substitute/rules.ts'
import { postVerb } from '../../api.ts'
import { outcomeText } from '../../ui/act/batch-words.ts'
import { useAllowed } from '../../ui/base/session.ts'
import { Soon } from '../../ui/base/soon.tsx'
import { toast, toastError } from '../../ui/overlay/toasts.tsx'
import { useSay } from '../../words.ts'
import { substituteDialog } from '../dialogs/later-dialogs.ts'
import type { OrderDetail, OrderLine } from '../types.ts'
import { diffText, signed } from './events.ts'

/** The SKU that the line replaces and the price difference. Before the release also the button to substitute. */
export function Substitution({ line, order }: { line: OrderLine; order: OrderDetail }) {
  const say = useSay()
  const queries = useQueryClient()
  const mayNot = useAllowed()('orders.edit')
  const [open, setOpen] = useState(false)
  const substitute = useMutation({
    mutationFn: (input: { from: string; to: string }) =>
      postVerb('/orders/substitute', { ids: [order.id], ...input }),
    onSuccess: ({ results: [first] }) => {
      if (!first?.done) return toast('warn', outcomeText(first, say))
      setOpen(false)
      toast('ok', say(['已换货品', 'Goods substituted']))
      return queries.invalidateQueries()
    },
    onError: toastError,
  })
  const changes = !mayNot && !line.gift && line.skuId !== null && line.refundedQuantity < line.quantity
  return (
    <>
      {line.substituteFor !== '' && (
        <div
          className="cut t2"
          title={line.substituteDiffFen ? diffText(line.substituteDiffFen, say) : undefined}
        >
          {say(['代替 {code}', 'Instead of {code}'], { code: line.substituteFor })}
          {line.substituteDiffFen
            ? say(['，每件 {amount}', ', {amount} each'], { amount: signed(line.substituteDiffFen) })
            : ''}
        </div>
      )}
      {changes && !whyNotSubstituted(order) && (
        <button
          type="button"
          className="link small"
          data-action="/orders/substitute"
          onClick={() => setOpen(true)}
        >
          {say(['换货品', 'Substitute'])}
        </button>
      )}
      {open && (
        <Soon
          part={substituteDialog}
          props={{
            count: 1,
            from: line.skuCode,
            onSubmit: (input) => substitute.mutate(input),
            onClose: () => setOpen(false),
          }}
        />
      )}
    </>
  )
}
