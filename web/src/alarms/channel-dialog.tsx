import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, errorText, patch, post } from '../api.ts'
import { Note } from '../ui/base/empty.tsx'
import { shared } from '../ui/base/words.ts'
import { Check, Choice, TextField } from '../ui/form/form.tsx'
import { fieldsOf } from '../ui/form/schema.ts'
import { SchemaForm } from '../ui/form/schema-form.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import { alarmKindWords } from './alarm-words.ts'
import { minuteText, readMinute } from './minute-text.ts'
import type { Alarm, Channel, ChannelKind } from './types.ts'

type Form = {
  kind: ChannelKind['id']
  name: string
  credentials: Record<string, unknown>
  /** Empty: all. */
  kinds: Alarm['kind'][]
  leastTone: 'warn' | 'bad'
  /** As typed; both empty: none. */
  from: string
  to: string
  passesBad: boolean
  sendsEnd: boolean
  language: 'zh' | 'en'
  enabled: boolean
}

const start = (channel: Channel | undefined): Form => ({
  ...{ kind: channel?.kind ?? 'dingtalk', name: channel?.name ?? '', kinds: channel?.kinds ?? [] },
  ...{ credentials: { ...channel?.credentials.values }, leastTone: channel?.leastTone ?? 'warn' },
  from: channel?.quiet ? minuteText(channel.quiet.from) : '',
  to: channel?.quiet ? minuteText(channel.quiet.to) : '',
  ...{ passesBad: channel?.quiet?.passesBad ?? true, sendsEnd: channel?.sendsEnd ?? true },
  ...{ language: channel?.language ?? 'zh', enabled: channel?.enabled ?? true },
})

/** Adds a channel or changes one. The kind of a channel stays, and so do secrets that are left empty. */
export function ChannelDialog(props: {
  channel: Channel | undefined
  kinds: readonly ChannelKind[]
  onClose: () => void
}) {
  const { channel, kinds, onClose } = props
  const say = useSay()
  const queries = useQueryClient()
  const [form, setForm] = useState(() => start(channel))
  const set = (change: Partial<Form>) => setForm({ ...form, ...change })
  const quiet = quietOf(form)
  const save = useMutation({
    mutationFn: async () => {
      const { kind, from: _from, to: _to, passesBad: _passesBad, ...settings } = form
      const body = {
        ...settings,
        name: form.name.trim(),
        credentials: typed(form.credentials),
        quiet: quiet ?? null,
      }
      if (channel) await patch('/alarm-channels/:id', body, { id: channel.id })
      else await post('/alarm-channels', { kind, ...body })
    },
    onSuccess: () => {
      toast('ok', say(['已保存，发条测试看看', 'Saved; send a test']))
      onClose()
      return queries.invalidateQueries({ queryKey: ['alarm-channels'] })
    },
  })
  const error = save.error instanceof ApiError ? save.error : undefined
  const title = say(channel ? ['修改告警通知', 'Change a channel'] : ['新增告警通知', 'New channel'])
  return (
    <FormDialog
      title={title}
      act={say(shared.save)}
      why={lackingIn(form, say)}
      busy={save.isPending}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      {!channel && (
        <Choice
          label={say(['发到', 'To'])}
          value={form.kind}
          options={kinds.map(({ id, name }) => ({ value: id, label: say(name) }))}
          onChange={(kind) => set({ kind, credentials: {} })}
        />
      )}
      <TextField
        label={say(['名称', 'Name'])}
        value={form.name}
        maxLength={60}
        placeholder={say(['值班群', 'People on duty'])}
        onChange={(name) => set({ name })}
      />
      <SchemaForm
        fields={fieldsOf(kinds.find(({ id }) => id === form.kind)?.credentials)}
        values={form.credentials}
        stored={channel?.credentials.set ?? []}
        wrong={error?.field ? { field: error.field, text: errorText(error) } : undefined}
        onChange={(credentials) => set({ credentials })}
      />
      <Which form={form} onChange={set} />
      <Quiet form={form} onChange={set} />
      <Check
        label={say(['好了也说一声', 'Say when an alarm is over'])}
        checked={form.sendsEnd}
        onChange={(sendsEnd) => set({ sendsEnd })}
      />
      <Check label={say(['启用', 'On'])} checked={form.enabled} onChange={(enabled) => set({ enabled })} />
      {save.error && <Note tone="bad">{errorText(save.error)}</Note>}
    </FormDialog>
  )
}

type Part = { form: Form; onChange: (change: Partial<Form>) => void }

function Which({ form, onChange }: Part) {
  const say = useSay()
  const all = Object.entries(alarmKindWords) as [Alarm['kind'], LocalizedPair][]
  return (
    <>
      <div className="form-row">
        <Choice
          label={say(['轻重', 'Severity'])}
          value={form.leastTone}
          options={[
            { value: 'warn', label: say(['都发', 'All']) },
            { value: 'bad', label: say(['只发严重的', 'Severe only']) },
          ]}
          onChange={(leastTone) => onChange({ leastTone })}
        />
        <Choice
          label={say(['语言', 'Language'])}
          value={form.language}
          options={[
            { value: 'zh', label: '中文' },
            { value: 'en', label: 'English' },
          ]}
          onChange={(language) => onChange({ language })}
        />
      </div>
      <details className="form-more" open={form.kinds.length > 0}>
        <summary className="t2">
          {form.kinds.length === 0
            ? say(['哪些告警：全部', 'Alarms: all kinds'])
            : say(['哪些告警：{n} 种', 'Alarms: {n} kinds'], { n: String(form.kinds.length) })}
        </summary>
        <div>
          {all.map(([kind, words]) => (
            <Check
              key={kind}
              label={say(words)}
              checked={form.kinds.includes(kind)}
              onChange={(checked) =>
                onChange({
                  kinds: checked ? [...form.kinds, kind] : form.kinds.filter((each) => each !== kind),
                })
              }
            />
          ))}
        </div>
      </details>
    </>
  )
}

function Quiet({ form, onChange }: Part) {
  const say = useSay()
  return (
    <>
      <div className="form-row">
        <TextField
          label={say(['免打扰从（北京时间）', 'Quiet from (Beijing time)'])}
          value={form.from}
          placeholder="22:00"
          maxLength={5}
          onChange={(from) => onChange({ from })}
        />
        <TextField
          label={say(['到', 'to'])}
          value={form.to}
          placeholder="08:00"
          maxLength={5}
          onChange={(to) => onChange({ to })}
        />
      </div>
      {(form.from !== '' || form.to !== '') && (
        <Check
          label={say(['严重的照发', 'Severe ones are sent all the same'])}
          checked={form.passesBad}
          onChange={(passesBad) => onChange({ passesBad })}
        />
      )}
    </>
  )
}

function quietOf({ from, to, passesBad }: Form) {
  const [first, last] = [readMinute(from), readMinute(to)]
  return first === undefined || last === undefined ? undefined : { from: first, to: last, passesBad }
}

/** Leaves out fields without text, so that stored secrets stay. */
const typed = (credentials: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(credentials).flatMap(([field, value]) => (value ? [[field, String(value)]] : [])),
  )

function lackingIn(form: Form, say: ReturnType<typeof useSay>): string | undefined {
  if (form.name.trim() === '') return say(['先填名称', 'Give it a name first'])
  const isQuiet = form.from.trim() !== '' || form.to.trim() !== ''
  if (isQuiet && !quietOf(form))
    return say(['免打扰填时间，如 22:00', 'Quiet hours are times, such as 22:00'])
  return undefined
}
