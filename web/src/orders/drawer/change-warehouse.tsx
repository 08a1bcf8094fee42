import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { post } from '../../api.ts'
import { outcomeText } from '../../ui/act/batch-words.ts'
import { useAllowed } from '../../ui/base/session.ts'
import { toast, toastError } from '../../ui/overlay/toasts.tsx'
import { useSay } from '../../words.ts'
import { WarehouseDialog } from '../dialogs/desk-dialogs.tsx'
import type { OrderDetail } from '../types.ts'

export function ChangeWarehouse({ order }: { order: OrderDetail }) {
  const say = useSay()
  const queries = useQueryClient()
  const why = useAllowed()('orders.edit')
  const [open, setOpen] = useState(false)
  const change = useMutation({
    mutationFn: (input: unknown) => post('/orders/warehouse', { ids: [order.id], ...Object(input) }),
    onSuccess: ({ results: [first] }) => {
      if (first?.done) toast('ok', say(['已改仓', 'Warehouse changed']))
      else toast('bad', outcomeText(first, say))
      return queries.invalidateQueries()
    },
    onError: toastError,
    onSettled: () => setOpen(false),
  })
  return (
    <>
      {' '}
      {why === undefined && (
        <button type="button" className="link" onClick={() => setOpen(true)}>
          {say(['改', 'Change'])}
        </button>
      )}
      {open && (
        <WarehouseDialog
          count={1}
          onSubmit={(input) => change.mutate(input)}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  )
}
