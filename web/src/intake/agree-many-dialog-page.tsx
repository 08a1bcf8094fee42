import { useState } from 'react'
import { yuan } from '../../../server/lib/money-text.ts'
import { TextField } from '../ui/form.tsx'
import { FormDialog } from '../ui/form-dialog.tsx'
import { asksForCode } from '../ui/platform-error.ts'
import { useSay } from '../words.ts'
import type { DeskRow } from './types.ts'

/** What somebody had before them when they answered. */
export const seenOf = (rows: readonly DeskRow[]) =>
  rows.map(({ id, version, amountFen }) => ({ id, version, amountFen }))

/** 同意退款, of several: moves money, so their sum is typed again. */
export default function AgreeManyDialog(props: {
  rows: readonly DeskRow[]
  onSubmit: (input: unknown) => void
  onClose: () => void
}) {
  const say = useSay()
  const [typed, setTyped] = useState('')
  const [code, setCode] = useState('')
  const { rows } = props
  const totalFen = rows.reduce((sum, { amountFen }) => sum + amountFen, 0)
  const words = { n: rows.length, amount: yuan(totalFen) }
  const same = Math.round(Number(typed.replaceAll(',', '')) * 100) === totalFen
  return (
    <FormDialog
      title={say(['同意 {n} 笔退款，共 ¥{amount}', 'Agree to {n} refunds, ¥{amount} in all'], words)}
      act={say(['同意，退 ¥{amount} 给买家', 'Agree: ¥{amount} go to the buyers'], words)}
      danger
      why={same ? undefined : say(['金额要和合计一样', 'The amount must be the sum'])}
      onSubmit={() => props.onSubmit({ seen: seenOf(rows), ...(code === '' ? {} : { code }) })}
      onClose={props.onClose}
    >
      <p>
        {say([
          '钱会从店铺账户退给买家，不能撤回。看过之后变了的不会退；平台不接受的会在那一行写明。',
          'The money goes from the shops to the buyers and cannot be called back. What changed since you saw it is not agreed to; what a platform refuses says so on its row.',
        ])}
      </p>
      <TextField
        label={say(['再输入一次合计金额', 'Type the sum again'])}
        value={typed}
        onChange={setTyped}
        inputMode="decimal"
        placeholder={words.amount}
        autoFocus
      />
      <TextField
        label={
          rows.some(({ error }) => asksForCode(error))
            ? say(['短信验证码，平台已发给店主', 'Code by text message, sent to the shop owner'])
            : say([
                '短信验证码，平台要求时才填',
                'Code by text message, only when the platform asked for one',
              ])
        }
        value={code}
        onChange={setCode}
        inputMode="numeric"
        maxLength={12}
      />
    </FormDialog>
  )
}
