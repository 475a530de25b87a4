import { useSyncExternalStore } from 'react'
import { uploads } from '../state/app'

const subscribe = (f: () => void) => uploads.subscribe(f)
export const useTransfers = () => useSyncExternalStore(subscribe, () => uploads.transfers)
