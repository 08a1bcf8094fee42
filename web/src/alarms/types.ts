import type { Static } from 'typebox'
import type { channelList } from '../../../server/alarms/notices/contract.ts'
import type { WatchdogOut } from '../../../server/alarms/watchdog/contract.ts'

export type { Alarm } from '../../../server/alarms/contract.ts'

type ChannelList = Static<typeof channelList>
/** As JSON has it: times are texts. */
type Json<Value> = Value extends Date
  ? string
  : Value extends object
    ? { [Key in keyof Value]: Json<Value[Key]> }
    : Value
export type Channel = Json<ChannelList['rows'][number]>
export type ChannelKind = ChannelList['kinds'][number]
export type Watchdog = Json<WatchdogOut>
