import { useState } from 'react'
import { blacklistKindWords } from '../../../../server/orders/buyers/lists-contract.ts'
import type { FormProps } from '../../ui/act/actions.ts'
import { readBeijing } from '../../ui/base/time.ts'
import { Check, TextField } from '../../ui/form/form.tsx'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { useSay } from '../../words.ts'

const kinds = ['phone', 'address', 'nick'] as const

/** 拉黑: asks for the data by which the buyer is recognised later, a reason, and an end date. */
export default function BlacklistDialog({ count, onSubmit, onClose }: FormProps<'/orders/blacklist'>) {
  const say = useSay()
  const [by, setBy] = useState<readonly (typeof kinds)[number][]>(['phone'])
  const [reason, setReason] = useState('')
  const [until, setUntil] = useState('')
  const end = until.trim() === '' ? null : readBeijing(until)
  const why =
    by.length === 0
      ? say(['选按什么认人', 'Choose what to know them by'])
      : reason.trim() === ''
        ? say(['先写原因', 'Give the reason first'])
        : end === undefined
          ? say(['日期写成 2026-12-31', 'Write the date as 2026-12-31'])
          : undefined
  const title = say(['拉黑 {n} 单的买家', 'Blacklist the {n|buyer|buyers} of {n}'], { n: count })
  return (
    <FormDialog
      title={title}
      act={say(['拉黑', 'Blacklist'])}
      danger
      why={why}
      onSubmit={() => onSubmit({ by: [...by], reason: reason.trim(), until: end ?? null })}
      onClose={onClose}
    >
      <p className="t2">{say(['按什么认人：', 'To be known again by:'])}</p>
      {kinds.map((kind) => (
        <Check
          key={kind}
          label={say(blacklistKindWords[kind])}
          checked={by.includes(kind)}
          onChange={(checked) => setBy(checked ? [...by, kind] : by.filter((one) => one !== kind))}
        />
      ))}
      <TextField label={say(['原因', 'Reason'])} value={reason} maxLength={200} onChange={setReason} />
      <TextField
        label={say(['到什么时候，空着就一直', 'End date (optional)'])}
        value={until}
        placeholder="2026-12-31"
        onChange={setUntil}
      />
      <p className="t3 small">
        {say([
          '只存脱敏文字和加密的指纹。自动确认遇到这些买家会停下，写明原因。',
          'Only masked text and keyed hashes are kept. Rules stop at these buyers and say why.',
        ])}
      </p>
    </FormDialog>
  )
}
