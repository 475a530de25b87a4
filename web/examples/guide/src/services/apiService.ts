import axios from 'axios';

const api = axios.create();

// Add to apiService.ts
export const efficientDataService = {
  uploadLargeFile: (file: File, dataType: string, description?: string) => {
    const formData = new FormData();
    formData.append('file', file);
    formData.append('data_type', dataType);
    formData.append('description', description || '');
    
    return api.post('/data/efficient/upload-large-file', formData, {
      headers: { 'Content-Type': 'multipart/form-data' },
      timeout: 300000 // 5 minutes
    });
  },
  
  getUploadProgress: (fileId: string) => 
    api.get(`/data/efficient/upload-progress/${fileId}`),
  
  getStagedFiles: (status?: string) => 
    api.get('/data/efficient/staged-files', { params: { status } }),
  
  processFile: (fileId: string, validationRules?: any) =>
    api.post(`/data/efficient/process-file/${fileId}`, validationRules),
  
  downloadFile: (fileId: string) =>
    api.get(`/data/efficient/download-file/${fileId}`, { responseType: 'blob' }),
  
  getFileInfo: (fileId: string) =>
    api.get(`/data/efficient/file-info/${fileId}`),
  
  retryFailedFile: (fileId: string) =>
    api.post(`/data/efficient/retry-failed-file/${fileId}`),
  
  cleanupFailedUploads: (hoursOld: number = 24) =>
    api.delete('/data/efficient/cleanup-failed-uploads', { params: { hours_old: hoursOld } })
};
