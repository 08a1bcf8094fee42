import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type Measure, type ReportName, reports } from '../../../server/reports/report-rules.ts'
import {
  measureOfThreshold,
  type ThresholdFigure,
  thresholdFigures,
  thresholds,
} from '../../../server/reports/thresholds/threshold-rules.ts'
import { errorText, post } from '../api.ts'
import { Note } from '../ui/base/empty.tsx'
import { useShops } from '../ui/base/session.ts'
import { Choice, TextField } from '../ui/form/form.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { type Say, useLanguage, useSay } from '../words.ts'
import {
  type Every,
  everyNames,
  everyWords,
  hours,
  hourText,
  type Robot,
  robotText,
  sideWords,
} from './subscription-words.ts'

export type Shown = { report: ReportName; rows: string; measure: Measure; shop: string }

type Form = {
  when: 'time' | 'bound'
  every: Every
  hour: string
  figure: ThresholdFigure
  bound: string
  least: string
  from: string
  /** Empty: all shops. */
  shop: string
  /** Empty: by mail. */
  channel: string
}

/** A bound of money is typed in yuan and kept in fen. */
const unitOf = (figure: ThresholdFigure) => (measureOfThreshold(figure).kind === 'money' ? 100 : 1)

const usualOf = (figure: ThresholdFigure) => ({
  figure,
  bound: String(thresholds[figure].bound / unitOf(figure)),
  least: String(thresholds[figure].least),
  from: String(thresholds[figure].hour),
})

/** 新建订阅: the report on the page at a time, or a figure of today once it is beyond a bound. */
export function SubscribeDialog(props: { shown: Shown; robots: readonly Robot[]; onClose: () => void }) {
  const { shown, robots, onClose } = props
  const say = useSay()
  const language = useLanguage()
  const queries = useQueryClient()
  const isOneShop = useShops().some(({ id }) => id === shown.shop)
  const [form, setForm] = useState<Form>({
    ...{ when: 'time', every: 'day', hour: '8', ...usualOf('refundRate') },
    ...{ shop: isOneShop ? shown.shop : '', channel: '' },
  })
  const set = (change: Partial<Form>) => setForm({ ...form, ...change })
  const adding = useMutation({
    mutationFn: () => add(form, shown, language),
    onSuccess: ({ made, resumed }) => {
      if (resumed) toast('ok', say(['之前退订过，已恢复', 'It was off, and is on again']))
      else if (made) toast('ok', say(['已订阅', 'Subscribed']))
      else toast('idle', say(['同样的已经订阅了，没有再加', 'You have this subscription already']))
      onClose()
      return queries.invalidateQueries({ queryKey: ['report-subscriptions'] })
    },
  })
  return (
    <FormDialog
      title={say(['新建订阅', 'New subscription'])}
      act={say(['订阅', 'Subscribe'])}
      why={form.when === 'bound' ? lackingIn(form, say) : undefined}
      busy={adding.isPending}
      onSubmit={() => adding.mutate()}
      onClose={onClose}
    >
      <Choice
        label={say(['什么时候发', 'When'])}
        value={form.when}
        options={[
          {
            value: 'time',
            label: say(['到点发：{report} · {measure}', 'At a time: {report} · {measure}'], {
              ...{ report: say(reports[shown.report].words), measure: say(shown.measure.words) },
            }),
          },
          { value: 'bound', label: say(['今天的数超过界限时', 'When a figure of today is beyond a bound']) },
        ]}
        onChange={(when) => set({ when })}
      />
      {form.when === 'time' ? <Timed form={form} onChange={set} /> : <Bound form={form} onChange={set} />}
      <Where form={form} robots={robots} onChange={set} />
      {adding.error && <Note tone="bad">{errorText(adding.error)}</Note>}
    </FormDialog>
  )
}

type Part = { form: Form; onChange: (change: Partial<Form>) => void }

const hourOptions = hours.map((value) => ({ value, label: hourText(Number(value)) }))

function Timed({ form, onChange }: Part) {
  const say = useSay()
  return (
    <div className="form-row">
      <Choice
        label={say(['多久一次', 'How often'])}
        value={form.every}
        onChange={(every) => onChange({ every })}
        options={everyNames.map((value) => ({ value, label: say(everyWords[value] ?? ['', '']) }))}
      />
      <Choice
        label={say(['几点', 'At'])}
        value={form.hour}
        onChange={(hour) => onChange({ hour })}
        options={hourOptions}
      />
    </div>
  )
}

function Bound({ form, onChange }: Part) {
  const say = useSay()
  const { kind } = measureOfThreshold(form.figure)
  const { counted } = thresholds[form.figure]
  const unit = kind === 'percent' ? ' %' : kind === 'money' ? ' ¥' : ''
  return (
    <>
      <div className="form-row">
        <Choice
          label={say(['哪个数', 'Figure'])}
          value={form.figure}
          onChange={(figure) => onChange(usualOf(figure))}
          options={thresholdFigures.map((value) => ({ value, label: say(sideWords(value)) }))}
        />
        <TextField
          label={`${say(['界限', 'Bound'])}${unit}`}
          value={form.bound}
          inputMode="decimal"
          maxLength={12}
          onChange={(bound) => onChange({ bound })}
        />
      </div>
      <div className="form-row">
        <TextField
          label={say(['至少有几笔', 'At least so many'])}
          hint={say(['今天{counted}不到这么多的店不发', 'Shops with fewer today are left out ({counted})'], {
            counted: say(counted.words).toLowerCase(),
          })}
          value={form.least}
          inputMode="numeric"
          maxLength={7}
          onChange={(least) => onChange({ least })}
        />
        <Choice
          label={say(['从几点起看', 'From'])}
          hint={say(['每小时看一次，一家店一天最多发一次', 'Looked at hourly; once a day for each shop'])}
          value={form.from}
          onChange={(from) => onChange({ from })}
          options={hourOptions}
        />
      </div>
    </>
  )
}

function Where({ form, robots, onChange }: Part & { robots: readonly Robot[] }) {
  const say = useSay()
  const shops = useShops()
  const all = form.when === 'bound' ? say(['任一店铺', 'Any shop']) : say(['全部店铺', 'All shops'])
  return (
    <div className="form-row">
      <Choice
        label={say(['店铺', 'Shop'])}
        value={form.shop}
        onChange={(shop) => onChange({ shop })}
        options={[{ value: '', label: all }, ...shops.map(({ id, name }) => ({ value: id, label: name }))]}
      />
      <Choice
        label={say(['发到', 'To'])}
        hint={
          robots.length === 0
            ? say([
                '群机器人在系统 › 告警通知里加',
                'Robots of group chats are added at System › Alarm notices',
              ])
            : undefined
        }
        value={form.channel}
        onChange={(channel) => onChange({ channel })}
        options={[
          { value: '', label: say(['邮件：自己的邮箱', 'Mail: your own address']) },
          ...robots.map((robot) => ({ value: robot.id, label: robotText(robot, say) })),
        ]}
      />
    </div>
  )
}

/** Reads a typed number; undefined: it is none. */
function numberIn(text: string): number | undefined {
  const plain = text.replaceAll(/[,，\s%¥]/g, '')
  return /^\d{1,9}(\.\d{1,2})?$/.test(plain) ? Number(plain) : undefined
}

function lackingIn({ bound, least }: Form, say: Say): string | undefined {
  if (numberIn(bound) === undefined) return say(['界限填一个数', 'The bound is a number'])
  if (!Number.isInteger(numberIn(least) ?? 0.5))
    return say(['至少有几笔填整数，可以是 0', '“At least so many” is a whole number, which may be 0'])
  return undefined
}

async function add(form: Form, shown: Shown, language: 'zh' | 'en') {
  const { when, every, hour, figure } = form
  const to = {
    shop: form.shop === '' ? null : form.shop,
    channel: form.channel === '' ? null : form.channel,
    language,
  }
  if (when === 'time') {
    const { report, rows, measure } = shown
    return post('/report-subscriptions', { report, rows, by: measure.key, every, hour: Number(hour), ...to })
  }
  const bound = Math.round((numberIn(form.bound) ?? 0) * unitOf(figure) * 100) / 100
  const { made } = await post('/report-thresholds', {
    ...{ figure, bound, least: numberIn(form.least) ?? 0, hour: Number(form.from), ...to },
  })
  return { made, resumed: false }
}
