import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { post } from '../../api.ts'
import { NotSaved } from '../../ui/act/not-saved.tsx'
import { actKey } from '../../ui/base/act-key.ts'
import { Segments } from '../../ui/base/button.tsx'
import { TextField } from '../../ui/form/form.tsx'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { toast } from '../../ui/overlay/toasts.tsx'
import { useSay } from '../../words.ts'
import type { OrderDetail } from '../types.ts'

/** 复制 or 补发: the goods and quantities to send again to the same receiver. */
export default function CopyDialog({ order, onClose }: { order: OrderDetail; onClose: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  const [key] = useState(actKey)
  const [kind, setKind] = useState<'reship' | 'copy'>('reship')
  const [reason, setReason] = useState('')
  const [pieces, setPieces] = useState<Record<number, string>>(
    Object.fromEntries(order.lines.map(({ lineNo, quantity }) => [lineNo, String(quantity)])),
  )
  const lines = order.lines
    .map(({ lineNo }) => ({ lineNo, quantity: Number(pieces[lineNo] || 0) }))
    .filter(({ quantity }) => quantity !== 0)
  const save = useMutation({
    mutationFn: () =>
      post('/orders/copy', {
        copies: [{ key, orderId: order.id, kind, reason: reason.trim(), lines }],
      }),
    onSuccess: async ({ results: [one] }) => {
      if (!one?.done) return
      toast('ok', say(['已建单 {no}', 'Created {no}'], { no: one.no ?? '' }))
      onClose()
      await queries.invalidateQueries()
    },
  })
  const wrong = lines.some(({ quantity }) => !Number.isInteger(quantity) || quantity < 1)
  const why =
    lines.length === 0 || wrong
      ? say(['选要发的商品和件数', 'Choose goods and pieces'])
      : kind === 'reship' && reason.trim() === ''
        ? say(['先写补发的原因', 'Say why it is sent once more'])
        : undefined
  const title = say(['再发一次 {no}', 'Send {no} once more'], { no: order.no })
  return (
    <FormDialog
      title={title}
      act={say(['建单', 'Create'])}
      busy={save.isPending}
      why={why}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <Segments
        label={say(['类型', 'Type'])}
        value={kind}
        options={[
          { value: 'reship', label: say(['补发，不收钱', 'Reship, free']) },
          { value: 'copy', label: say(['复制，原价', 'Copy, same price']) },
        ]}
        onChange={(value) => setKind(value === 'copy' ? 'copy' : 'reship')}
      />
      <table className="plain-table">
        <tbody>
          {order.lines.map((line) => (
            <tr key={line.lineNo}>
              <td className="cut" title={line.title}>
                {[line.title, line.spec].filter(Boolean).join(' · ')}
              </td>
              <td className="right t3">{say(['原 {n} 件', 'of {n}'], { n: line.quantity })}</td>
              <td style={{ width: 90 }}>
                <input
                  className="input"
                  inputMode="numeric"
                  aria-label={say(['第 {n} 行的件数', 'Pieces of line {n}'], { n: line.lineNo })}
                  value={pieces[line.lineNo] ?? ''}
                  onChange={(event) => setPieces({ ...pieces, [line.lineNo]: event.target.value })}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <TextField
        label={say(kind === 'reship' ? ['原因', 'Reason'] : ['原因，可不填', 'Reason, optional'])}
        value={reason}
        maxLength={200}
        onChange={setReason}
      />
      <NotSaved save={save} />
    </FormDialog>
  )
}
