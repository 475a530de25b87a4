import { createRoot } from 'react-dom/client'
import { LargeFileUpload } from './components/LargeFileUpload.tsx'

createRoot(document.querySelector('#root')!).render(<LargeFileUpload />)
