// LargeFileUpload.tsx
import React, { useState, useCallback } from 'react';
import { efficientDataService } from '../services/apiService';

interface UploadProgress {
  fileId: string;
  status: string;
  progress: number;
  fileSize: number;
  chunkCount: number;
  error?: string;
}

export const LargeFileUpload: React.FC = () => {
  const [uploading, setUploading] = useState(false);
  const [progress, setProgress] = useState<UploadProgress | null>(null);
  const [files, setFiles] = useState<any[]>([]);

  const handleFileUpload = useCallback(async (file: File) => {
    setUploading(true);
    setProgress(null);
    
    try {
      const response = await efficientDataService.uploadLargeFile(
        file, 
        'custom', 
        `Uploaded ${file.name}`
      );
      
      const fileId = response.data.file_id;
      setProgress({
        fileId,
        status: 'uploading',
        progress: 0,
        fileSize: file.size,
        chunkCount: 0
      });
      
      // Poll for progress
      const progressInterval = setInterval(async () => {
        try {
          const progressResponse = await efficientDataService.getUploadProgress(fileId);
          const progressData = progressResponse.data;
          setProgress(progressData);
          
          if (progressData.status === 'fresh' || progressData.status === 'failed') {
            clearInterval(progressInterval);
            setUploading(false);
            if (progressData.status === 'fresh') {
              // Refresh file list
              loadStagedFiles();
            }
          }
        } catch (error) {
          console.error('Error getting progress:', error);
        }
      }, 1000);
      
    } catch (error) {
      console.error('Upload failed:', error);
      setUploading(false);
    }
  }, []);

  const loadStagedFiles = useCallback(async () => {
    try {
      const response = await efficientDataService.getStagedFiles();
      setFiles(response.data.files);
    } catch (error) {
      console.error('Error loading files:', error);
    }
  }, []);

  const retryFile = useCallback(async (fileId: string) => {
    try {
      await efficientDataService.retryFailedFile(fileId);
      loadStagedFiles();
      const retryInterval = setInterval(async () => {
        try {
          const { status } = (await efficientDataService.getUploadProgress(fileId)).data;
          if (status === 'fresh' || status === 'failed') {
            clearInterval(retryInterval);
            loadStagedFiles();
          }
        } catch (error) {
          console.error('Error getting progress:', error);
        }
      }, 1000);
    } catch (error) {
      console.error('Retry failed:', error);
    }
  }, [loadStagedFiles]);

  return (
    <div>
      <input
        type="file"
        onChange={(e) => e.target.files?.[0] && handleFileUpload(e.target.files[0])}
        disabled={uploading}
      />
      
      {progress && (
        <div>
          <h3>Upload Progress</h3>
          <p>Status: {progress.status}</p>
          <p>Progress: {progress.progress.toFixed(1)}%</p>
          <p>File Size: {(progress.fileSize / 1024 / 1024).toFixed(2)} MB</p>
          {progress.chunkCount > 0 && <p>Chunks: {progress.chunkCount}</p>}
          {progress.error && <p>Error: {progress.error}</p>}
        </div>
      )}
      
      <div>
        <h3>Staged Files</h3>
        {files.map(file => (
          <div key={file.file_id}>
            <p>{file.original_name} - {file.status} - {(file.file_size / 1024 / 1024).toFixed(2)} MB</p>
            {file.status === 'failed' && (
              <button onClick={() => retryFile(file.file_id)}>Retry</button>
            )}
          </div>
        ))}
      </div>
    </div>
  );
};
