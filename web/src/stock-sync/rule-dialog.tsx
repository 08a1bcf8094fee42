import { useState } from 'react'
import { usualRule } from '../../../server/stock-sync/lifecycle.ts'
import type { FormProps } from '../ui/act/actions.ts'
import { count as figure } from '../ui/base/figures.tsx'
import { Check } from '../ui/form/form.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { useSay } from '../words.ts'
import { draftOf, RuleForm, readDraft, wrongDraft } from './rule-form.tsx'
import type { UploadRow } from './types.ts'

/** 单独规则: gives listings a rule of their own instead of the shop's, or the shop's rule again. */
export function RuleDialog({ rows, count, onSubmit, onClose }: FormProps<'/stock-uploads/rule', UploadRow>) {
  const say = useSay()
  const [first] = rows
  const [own, setOwn] = useState(true)
  const [draft, setDraft] = useState(() => draftOf(first?.trace?.rule ?? usualRule))
  const rule = readDraft(draft)
  const title = say(['{n} 个平台商品的库存规则', 'The rule of {n} {n|listing|listings}'], {
    n: figure(count),
  })
  const why = own && !rule ? wrongDraft(say) : undefined
  return (
    <FormDialog
      title={title}
      act={say(own ? ['用这条规则', 'Use this rule'] : ['改回店铺的规则', "Use the shop's rule"])}
      why={why}
      wide
      onSubmit={() => onSubmit({ rule: own && rule ? rule : null })}
      onClose={onClose}
    >
      <Check
        label={say(['单独设规则，不跟店铺', "A rule of their own, not their shop's"])}
        checked={own}
        onChange={setOwn}
      />
      {own && <RuleForm draft={draft} onChange={setDraft} />}
    </FormDialog>
  )
}
