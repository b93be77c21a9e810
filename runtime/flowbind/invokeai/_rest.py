# Made by datamodel-code-generator from a pruned OpenAPI document of InvokeAI 6.14.2.
# Do not edit: run `make rest-models`.
"""The replies and request bodies of InvokeAI's REST interface."""

from typing import Annotated, Any, Literal

from flowbind.invokeai._reply import Reply, Request
from pydantic import Field


class AddImagesToBoardResult(Reply):
    affected_boards: list[str] = []
    """The ids of boards affected by the delete operation"""
    added_images: list[str] = []
    """The image names that were added to the board"""
    failed_images: list[str] = []
    """The names of authorized images that could not be added"""


class AddVideosToBoardResult(Reply):
    affected_boards: list[str] = []
    """The ids of boards affected by the operation"""
    added_videos: list[str]
    """The video names that were added to the board"""


class AppVersion(Reply):
    """App Version Response"""

    version: str
    """App version"""


class BatchDatum(Reply):
    node_path: str
    """The node into which this batch data collection will be substituted."""
    field_name: str
    """The field into which this batch data collection will be substituted."""
    items: list[Any] | None = None
    """The list of items to substitute into the node/field."""


class BatchStatus(Reply):
    queue_id: str
    """The ID of the queue"""
    batch_id: str
    """The ID of the batch"""
    origin: str | None = None
    """The origin of the batch"""
    destination: str | None = None
    """The destination of the batch"""
    pending: int
    """Number of queue items with status 'pending'"""
    in_progress: int
    """Number of queue items with status 'in_progress'"""
    waiting: int = 0
    """Number of queue items with status 'waiting'"""
    completed: int
    """Number of queue items with status 'complete'"""
    failed: int
    """Number of queue items with status 'error'"""
    canceled: int
    """Number of queue items with status 'canceled'"""
    total: int
    """Total number of queue items"""


class Board(Reply):
    """Deserialized board record with cover image URL and image count."""

    board_id: str
    """The unique ID of the board."""
    board_name: str
    """The name of the board."""
    user_id: str = "system"
    """The user ID of the board owner."""
    created_at: str
    """The created timestamp of the board."""
    updated_at: str
    """The updated timestamp of the board."""
    deleted_at: str | None = None
    """The deleted timestamp of the board."""
    cover_image_name: str | None = None
    """The name of the board's cover image."""
    archived: bool
    """Whether or not the board is archived."""
    board_visibility: str = "private"
    """The visibility of the board. Known values: private, shared, public."""
    cover_video_name: str | None = None
    """The name of the board's cover video, when the most recent item is a video."""
    image_count: int
    """The number of images in the board."""
    video_count: int = 0
    """The number of videos in the board."""
    asset_count: int = 0
    """The number of assets in the board."""
    owner_username: str | None = None
    """The username of the board owner (for admin view)."""


class BoardChanges(Request):
    board_name: str | None = None
    """The board's new name."""
    cover_image_name: str | None = None
    """The name of the board's new cover image."""
    archived: bool | None = None
    """Whether or not the board is archived"""
    board_visibility: Literal["private", "shared", "public"] | None = None
    """The visibility of the board."""


class Body_add_image_to_board(Request):
    board_id: str
    """The id of the board to add to"""
    image_name: str
    """The name of the image to add"""


class Body_add_images_to_board(Request):
    board_id: str
    """The id of the board to add to"""
    image_names: Annotated[list[str], Field(max_length=1000)]
    """The names of the images to add"""


class Body_cancel_by_batch_ids(Request):
    batch_ids: list[str]
    """The list of batch_ids to cancel all queue items for"""


class Body_create_image_upload_entry(Request):
    width: int
    """The width of the image"""
    height: int
    """The height of the image"""
    board_id: str | None = None
    """The board to add this image to, if any"""


class Body_create_workflow(Request):
    workflow: dict[str, Any]
    """The workflow to create"""


class Body_delete_images_from_list(Request):
    image_names: Annotated[list[str], Field(max_length=1000)]
    """The list of names of images to delete"""


class Body_do_hf_login(Request):
    token: str
    """Hugging Face token to use for login"""


class Body_download_images_from_list(Request):
    image_names: list[str] | None = None
    """The list of names of images to download"""
    board_id: str | None = None
    """The board from which image should be downloaded"""


class Body_get_images_by_names(Request):
    image_names: Annotated[list[str], Field(max_length=1000)]
    """Object containing list of image names to fetch DTOs for"""


class Body_get_queue_item_summaries_by_ids(Request):
    item_ids: Annotated[list[int], Field(max_length=1000)]
    """Object containing list of queue item ids to fetch summaries for"""


class Body_get_queue_items_by_item_ids(Request):
    item_ids: Annotated[list[int], Field(max_length=1000)]
    """Object containing list of queue item ids to fetch queue items for"""


class Body_remove_image_from_board(Request):
    image_name: str
    """The name of the image to remove"""


class Body_remove_images_from_board(Request):
    image_names: Annotated[list[str], Field(max_length=1000)]
    """The names of the images to remove"""


class Body_remove_video_from_board(Request):
    video_name: str
    """The name of the video to remove from its board"""


class Body_star_images_in_list(Request):
    image_names: Annotated[list[str], Field(max_length=1000)]
    """The list of names of images to star"""


class Body_unstar_images_in_list(Request):
    image_names: Annotated[list[str], Field(max_length=1000)]
    """The list of names of images to unstar"""


class Body_update_workflow(Request):
    workflow: dict[str, Any]
    """The updated workflow"""


class Body_update_workflow_is_public(Request):
    is_public: bool
    """Whether the workflow should be shared publicly"""


class BulkDeleteModelsRequest(Request):
    """Request body for bulk model deletion."""

    keys: list[str]
    """List of model keys to delete"""


class CancelAllExceptCurrentResult(Reply):
    """Result of canceling all except current"""

    canceled: int
    """Number of queue items canceled"""


class CancelByBatchIDsResult(Reply):
    """Result of canceling by list of batch ids"""

    canceled: int
    """Number of queue items canceled"""


class CancelByDestinationResult(Reply):
    """Result of canceling by a destination"""

    canceled: int
    """Number of queue items canceled"""


class ClearResult(Reply):
    """Result of clearing the session queue"""

    deleted: int
    """Number of queue items deleted"""


class DeleteAllExceptCurrentResult(Reply):
    """Result of deleting all except current"""

    deleted: int
    """Number of queue items deleted"""


class DeleteByDestinationResult(Reply):
    """Result of deleting by a destination"""

    deleted: int
    """Number of queue items deleted"""


class DeleteImagesResult(Reply):
    affected_boards: list[str] = []
    """The ids of boards affected by the delete operation"""
    deleted_images: list[str]
    """The names of the images that were deleted"""
    failed_images: list[str] = []
    """The names of authorized images that could not be deleted"""


class DeleteVideosResult(Reply):
    affected_boards: list[str] = []
    """The ids of boards affected by the operation"""
    deleted_videos: list[str]
    """The names of the videos that were deleted"""
    failed_videos: list[str]
    """The names of videos that were not deleted"""


class DeletedBoard(Reply):
    board_id: str
    """The id of the board that was deleted."""
    deleted_board_images: list[str]
    """The image names of the board-images relationships that were deleted."""
    deleted_images: list[str]
    """The names of the images that were deleted."""
    deleted_board_videos: list[str] | None = None
    """The video names of the board-videos relationships that were deleted."""
    deleted_videos: list[str] | None = None
    """The names of the videos that were deleted."""
    failed_images: list[str] | None = None
    """The names of images that could not be deleted and became uncategorized."""
    failed_videos: list[str] | None = None
    """The names of videos that could not be deleted and became uncategorized."""


class DeletedModels(Reply):
    """Response body for bulk model deletion."""

    deleted: list[str]
    """List of successfully deleted model keys"""
    failed: list[dict[str, Any]]
    """List of failed deletions with error messages"""


class DestinationCounts(Reply):
    queue_id: str
    """The ID of the queue"""
    destination: str
    """The destination of queue items included in this status"""
    pending: int
    """Number of queue items with status 'pending' for the destination"""
    in_progress: int
    """Number of queue items with status 'in_progress' for the destination"""
    waiting: int = 0
    """Number of queue items with status 'waiting' for the destination"""
    completed: int
    """Number of queue items with status 'complete' for the destination"""
    failed: int
    """Number of queue items with status 'error' for the destination"""
    canceled: int
    """Number of queue items with status 'canceled' for the destination"""
    total: int
    """Total number of queue items for the destination"""


class DownloadJob(Reply):
    """Class to monitor and control a model download request."""

    id: int = -1
    """Numeric ID of this job"""
    dest: str
    """Initial destination of downloaded model on local disk; a directory or file path"""
    download_path: str | None = None
    """Final location of downloaded file or directory"""
    status: str = "waiting"
    """Status of the download. Known values: waiting, running, paused, completed, cancelled, error."""
    bytes: int = 0
    """Bytes downloaded so far"""
    total_bytes: int = 0
    """Total file size (bytes)"""
    error_type: str | None = None
    """Name of exception that caused an error"""
    error: str | None = None
    """Traceback of the exception that caused an error"""
    source: str
    """Where to download from. Specific types specified in child classes."""
    access_token: str | None = None
    """authorization token for protected resources"""
    priority: int = 10
    """Queue priority; lower values are higher priority"""
    job_started: str | None = None
    """Timestamp for when the download job started"""
    job_ended: str | None = None
    """Timestamp for when the download job ende1d (completed or errored)"""
    content_type: str | None = None
    """Content type of downloaded file"""
    canonical_url: str | None = None
    """Canonical URL to request on resume"""
    etag: str | None = None
    """ETag from the remote server, if available"""
    last_modified: str | None = None
    """Last-Modified from the remote server, if available"""
    final_url: str | None = None
    """Final resolved URL after redirects, if available"""
    expected_total_bytes: int | None = None
    """Expected total size of the download"""
    resume_required: bool = False
    """True if server refused resume; restart required"""
    resume_message: str | None = None
    """Message explaining why resume is required"""
    resume_from_scratch: bool = False
    """True if resume metadata existed but the partial file was missing and the download restarted from the beginning"""


class FoundModel(Reply):
    path: str
    """Path to the model"""
    is_installed: bool
    """Whether or not the model is already installed"""


class ImageDTO(Reply):
    """Deserialized image record, enriched for the frontend."""

    image_name: str
    """The unique name of the image."""
    image_url: str
    """The URL of the image."""
    thumbnail_url: str
    """The URL of the image's thumbnail."""
    image_origin: str
    """The type of the image. Known values: internal, external."""
    image_category: str
    """The category of the image. Known values: general, mask, control, user, other."""
    width: int
    """The width of the image in px."""
    height: int
    """The height of the image in px."""
    created_at: str
    """The created timestamp of the image."""
    updated_at: str
    """The updated timestamp of the image."""
    deleted_at: str | None = None
    """The deleted timestamp of the image."""
    is_intermediate: bool
    """Whether this is an intermediate image."""
    session_id: str | None = None
    """The session ID that generated this image, if it is a generated image."""
    node_id: str | None = None
    """The node ID that generated this image, if it is a generated image."""
    starred: bool
    """Whether this image is starred."""
    has_workflow: bool
    """Whether this image has a workflow."""
    image_subfolder: str = ""
    """The subfolder where the image is stored on disk."""
    board_id: str | None = None
    """The id of the board the image belongs to, if one exists."""


class ImageNamesResult(Reply):
    """Response containing ordered image names with metadata for optimistic updates."""

    image_names: list[str]
    """Ordered list of image names"""
    starred_count: int
    """Number of starred images (when starred_first=True)"""
    total_count: int
    """Total number of images matching the query"""


class ImageRecordChanges(Request):
    """
    A set of changes to apply to an image record.

    Only limited changes are valid:
      - `image_category`: change the category of an image
      - `session_id`: change the session associated with an image
      - `is_intermediate`: change the image's `is_intermediate` flag
      - `starred`: change whether the image is starred
    """

    image_category: Literal["general", "mask", "control", "user", "other"] | None = None
    """The image's new category."""
    session_id: str | None = None
    """The image's new session ID."""
    is_intermediate: bool | None = None
    """The image's new `is_intermediate` flag."""
    starred: bool | None = None
    """The image's new `starred` state"""


class ImageUploadEntry(Reply):
    image_dto: ImageDTO
    """The image DTO"""
    presigned_url: str
    """The URL to get the presigned URL for the image upload"""


class ImageUrlsDTO(Reply):
    """The URLs for an image and its thumbnail."""

    image_name: str
    """The unique name of the image."""
    image_url: str
    """The URL of the image."""
    thumbnail_url: str
    """The URL of the image's thumbnail."""


class ImagesDownloaded(Reply):
    response: str | None = None
    """The message to display to the user when images begin downloading"""
    bulk_download_item_name: str | None = None
    """The name of the bulk download item for which events will be emitted"""


class InstallRecord(Reply):
    """Object that tracks the current status of an install request."""

    id: int
    """Unique ID for this job"""
    status: str = "waiting"
    """Current status of install process. Known values: waiting, downloading, downloads_done, running, paused, completed, error, cancelled."""
    error_reason: str | None = None
    """Information about why the job failed"""
    config_in: dict[str, Any] | None = None
    """Configuration information (e.g. 'description') to apply to model."""
    config_out: Any = None
    """After successful installation, this will hold the configuration object."""
    inplace: bool = False
    """Leave model in its current location; otherwise install under models directory"""
    source: Any | None = None
    """Source (URL, repo_id, or local path) of model"""
    local_path: str
    """Path to locally-downloaded model; may be the same as the source"""
    bytes: int = 0
    """For a remote model, the number of bytes downloaded so far (may not be available)"""
    total_bytes: int = 0
    """Total size of the model to be installed"""
    source_metadata: Any = None
    """Metadata provided by the model source"""
    download_parts: list[DownloadJob] | None = None
    """Download jobs contributing to this install"""
    error: str | None = None
    """On an error condition, this field will contain the text of the exception"""
    error_traceback: str | None = None
    """On an error condition, this field will contain the exception traceback"""


class ItemIdsResult(Reply):
    """Response containing ordered item ids with metadata for optimistic updates."""

    item_ids: list[int]
    """Ordered list of item ids"""
    total_count: int
    """Total number of queue items matching the query"""


class ModelCacheStats(Reply):
    """Collect statistics on cache performance."""

    hits: int = 0
    misses: int = 0
    high_watermark: int = 0
    in_cache: int = 0
    cleared: int = 0
    cache_size: int = 0
    loaded_model_sizes: dict[str, int] | None = None


class NodeFieldValue(Reply):
    node_path: str
    """The node into which this batch data item will be substituted."""
    field_name: str
    """The field into which this batch data item will be substituted."""
    value: Any | None = None
    """The value to substitute into the node/field."""


class OffsetPaginatedResults_BoardDTO_(Reply):
    limit: int
    """Limit of items to get"""
    offset: int
    """Offset from which to retrieve items"""
    total: int
    """Total number of items in result"""
    items: list[Board]
    """Items"""


class OffsetPaginatedResults_ImageDTO_(Reply):
    limit: int
    """Limit of items to get"""
    offset: int
    """Offset from which to retrieve items"""
    total: int
    """Total number of items in result"""
    items: list[ImageDTO]
    """Items"""


class ProcessorStatus(Reply):
    is_started: bool
    """Whether the session processor is started"""
    is_processing: bool
    """Whether a session is being processed"""


class PruneResult(Reply):
    """Result of pruning the session queue"""

    deleted: int
    """Number of queue items deleted"""


class QueueCounts(Reply):
    queue_id: str
    """The ID of the queue"""
    item_id: int | None = None
    """The current queue item id"""
    batch_id: str | None = None
    """The current queue item's batch id"""
    session_id: str | None = None
    """The current queue item's session id"""
    pending: int
    """Number of queue items with status 'pending'"""
    in_progress: int
    """Number of queue items with status 'in_progress'"""
    waiting: int = 0
    """Number of queue items with status 'waiting'"""
    completed: int
    """Number of queue items with status 'complete'"""
    failed: int
    """Number of queue items with status 'error'"""
    canceled: int
    """Number of queue items with status 'canceled'"""
    total: int
    """Total number of queue items"""
    user_pending: int | None = None
    """Number of the requesting user's queue items with status 'pending' (None for admins/global callers)"""
    user_in_progress: int | None = None
    """Number of the requesting user's queue items with status 'in_progress' (None for admins/global callers)"""


class QueueItem(Reply):
    """Session queue item without the full graph. Used for serialization."""

    item_id: int
    """The identifier of the session queue item"""
    status: str
    """The status of this queue item. Known values: pending, in_progress, waiting, completed, failed, canceled."""
    status_sequence: int | None = None
    """A monotonically increasing version for this queue item's visible status lifecycle"""
    priority: int
    """The priority of this queue item"""
    batch_id: str
    """The ID of the batch associated with this queue item"""
    origin: str | None = None
    """The origin of this queue item. This data is used by the frontend to determine how to handle results."""
    destination: str | None = None
    """The origin of this queue item. This data is used by the frontend to determine how to handle results"""
    session_id: str
    """The ID of the session associated with this queue item. The session doesn't exist in graph_executions until the queue item is executed."""
    error_type: str | None = None
    """The error type if this queue item errored"""
    error_message: str | None = None
    """The error message if this queue item errored"""
    error_traceback: str | None = None
    """The error traceback if this queue item errored"""
    created_at: str
    """When this queue item was created"""
    updated_at: str
    """When this queue item was updated"""
    started_at: str | None = None
    """When this queue item was started"""
    completed_at: str | None = None
    """When this queue item was completed"""
    queue_id: str
    """The id of the queue with which this item is associated"""
    user_id: str = "system"
    """The id of the user who created this queue item"""
    user_display_name: str | None = None
    """The display name of the user who created this queue item, if available"""
    user_email: str | None = None
    """The email of the user who created this queue item, if available"""
    field_values: list[NodeFieldValue] | None = None
    """The field values that were used for this queue item"""
    retried_from_item_id: int | None = None
    """The item_id of the queue item that this item was retried from"""
    device: str | None = None
    """The device that processed this queue item, e.g. 'cuda:1' (set only when running on a GPU)"""
    workflow_call_id: str | None = None
    """The active workflow-call relationship id when this queue item is a child execution."""
    parent_item_id: int | None = None
    """The parent queue item id when this queue item is a child workflow execution."""
    parent_session_id: str | None = None
    """The parent session id when this queue item is a child workflow execution."""
    root_item_id: int | None = None
    """The root queue item id for this workflow call chain, if any."""
    workflow_call_depth: int | None = None
    """The 1-based workflow-call depth for this queue item when it is a child execution."""
    session: dict[str, Any]
    """The fully-populated session to be executed"""
    workflow: dict[str, Any] | None = None
    """The workflow associated with this queue item"""


class QueueItemSummary(Reply):
    """Queue item fields needed to render the queue list."""

    item_id: int
    """The identifier of the session queue item"""
    created_at: str
    """When this queue item was created"""
    status: str
    """The status of this queue item. Known values: pending, in_progress, waiting, completed, failed, canceled."""
    device: str | None = None
    """The device that processed this queue item, e.g. 'cuda:1'"""
    started_at: str | None = None
    """When this queue item was started"""
    completed_at: str | None = None
    """When this queue item was completed"""
    origin: str | None = None
    """The origin of this queue item"""
    destination: str | None = None
    """The destination of this queue item"""
    batch_id: str
    """The ID of the batch associated with this queue item"""
    user_id: str = "system"
    """The ID of the user who created this queue item"""
    user_display_name: str | None = None
    """The display name of the user who created this queue item"""
    user_email: str | None = None
    """The email of the user who created this queue item"""
    field_values: list[NodeFieldValue] | None = None
    """The batch field values used for this queue item"""
    parent_item_id: int | None = None
    """The ID of the parent queue item, if this is a child item"""


class QueueStatus(Reply):
    """The overall status of session queue and processor"""

    queue: QueueCounts
    processor: ProcessorStatus


class RemoveImagesFromBoardResult(Reply):
    affected_boards: list[str] = []
    """The ids of boards affected by the delete operation"""
    removed_images: list[str] = []
    """The image names that were removed from their board"""
    failed_images: list[str] = []
    """The names of authorized images that could not be removed"""


class RemoveVideosFromBoardResult(Reply):
    affected_boards: list[str] = []
    """The ids of boards affected by the operation"""
    removed_videos: list[str]
    """The video names that were removed from their board"""


class RetryItemsResult(Reply):
    queue_id: str
    """The ID of the queue"""
    retried_item_ids: list[int]
    """The IDs of the queue items that were retried"""


class StarredImagesResult(Reply):
    affected_boards: list[str] = []
    """The ids of boards affected by the delete operation"""
    starred_images: list[str]
    """The names of the images that were starred"""
    failed_images: list[str] = []
    """The names of images that were not starred"""


class StarredVideosResult(Reply):
    affected_boards: list[str] = []
    """The ids of boards affected by the operation"""
    starred_videos: list[str]
    """The names of the videos that were starred"""
    failed_videos: list[str]
    """The names of videos that were not starred"""


class UnstarredImagesResult(Reply):
    affected_boards: list[str] = []
    """The ids of boards affected by the delete operation"""
    unstarred_images: list[str]
    """The names of the images that were unstarred"""
    failed_images: list[str] = []
    """The names of images that were not unstarred"""


class UnstarredVideosResult(Reply):
    affected_boards: list[str] = []
    """The ids of boards affected by the operation"""
    unstarred_videos: list[str]
    """The names of the videos that were unstarred"""
    failed_videos: list[str]
    """The names of videos that were not unstarred"""


class ValidationError(Reply):
    loc: list[str | int]
    msg: str
    type: str
    input: Any | None = None
    ctx: dict[str, Any] | None = None


class VideoBoardArg(Request):
    board_id: str
    """The id of the board to add or remove the video from"""
    video_name: str
    """The name of the video to add to / remove from the board"""


class VideoDTO(Reply):
    """Deserialized video record, enriched for the frontend."""

    video_name: str
    """The unique name of the video."""
    video_url: str
    """The URL of the video file (MP4)."""
    thumbnail_url: str
    """The URL of the video's first-frame thumbnail (WebP)."""
    video_origin: str
    """The origin of the video. Known values: internal, external."""
    video_category: str
    """The category of the video (reuses ImageCategory). Known values: general, mask, control, user, other."""
    width: int
    """The pixel width of the video."""
    height: int
    """The pixel height of the video."""
    duration: float
    """The duration of the video in seconds."""
    fps: float | None = None
    """The frames-per-second of the video, if known."""
    created_at: str
    """The created timestamp of the video."""
    updated_at: str
    """The updated timestamp of the video."""
    deleted_at: str | None = None
    """The deleted timestamp of the video."""
    is_intermediate: bool
    """Whether this is an intermediate video."""
    session_id: str | None = None
    """The session ID that produced this video, if any."""
    node_id: str | None = None
    """The node ID that produced this video, if any."""
    starred: bool
    """Whether this video is starred."""
    has_workflow: bool
    """Whether this video has a workflow associated."""
    video_subfolder: str = ""
    """The subfolder where the video is stored on disk."""
    board_id: str | None = None
    """The id of the board the video belongs to, if one exists."""


class VideoNamesBatch(Request):
    video_names: Annotated[list[str], Field(max_length=1000)]
    """The list of video names to process"""


class VideoNamesResult(Reply):
    """Response containing ordered video names with metadata for optimistic updates."""

    video_names: list[str]
    """Ordered list of video names"""
    starred_count: int
    """Number of starred videos (when starred_first=True)"""
    total_count: int
    """Total number of videos matching the query"""


class VideoRecordChanges(Request):
    """Allowed mutations on a video record."""

    video_category: Literal["general", "mask", "control", "user", "other"] | None = None
    """The video's new category."""
    session_id: str | None = None
    """The video's new session ID."""
    is_intermediate: bool | None = None
    """The video's new `is_intermediate` flag."""
    starred: bool | None = None
    """The video's new `starred` state."""


class VideoUrlsDTO(Reply):
    """The URLs for a video and its thumbnail."""

    video_name: str
    """The unique name of the video."""
    video_url: str
    """The URL of the video file (MP4)."""
    thumbnail_url: str
    """The URL of the video's first-frame thumbnail (WebP)."""


class WorkflowAndGraphResponse(Reply):
    workflow: str | None = None
    """The workflow used to generate the image, as stringified JSON"""
    graph: str | None = None
    """The graph used to generate the image, as stringified JSON"""


class WorkflowCallCompatibility(Reply):
    is_callable: bool
    """Whether the workflow can currently be executed by call_saved_workflow."""
    reason: str
    """Structured compatibility result. Known values: ok, missing_workflow_return, multiple_workflow_return, unsupported_node, unsupported_batch_input, invalid_graph, invalid_inputs, exceeds_capacity, unknown."""
    message: str | None = None
    """Human-readable compatibility detail when unavailable."""


class WorkflowRecordDTO(Reply):
    workflow_id: str
    """The id of the workflow."""
    name: str
    """The name of the workflow."""
    created_at: str
    """The created timestamp of the workflow."""
    updated_at: str
    """The updated timestamp of the workflow."""
    opened_at: str | None = None
    """The opened timestamp of the workflow."""
    user_id: str = "system"
    """The id of the user who owns this workflow."""
    is_public: bool = False
    """Whether this workflow is shared with all users."""
    workflow: dict[str, Any]
    """The workflow."""


class Batch(Reply):
    batch_id: str | None = None
    """The ID of the batch"""
    origin: str | None = None
    """The origin of this queue item. This data is used by the frontend to determine how to handle results."""
    destination: str | None = None
    """The origin of this queue item. This data is used by the frontend to determine how to handle results"""
    data: list[list[BatchDatum]] | None = None
    """The batch data collection."""
    graph: dict[str, Any]
    """The graph to initialize the session with"""
    workflow: dict[str, Any] | None = None
    """The workflow to initialize the session with"""
    runs: int
    """Int stating how many times to iterate through all possible batch indices"""


class Body_enqueue_batch(Request):
    batch: Batch
    """Batch to process"""
    prepend: bool = False
    """Whether or not to prepend this batch in the queue"""


class EnqueueBatchResult(Reply):
    queue_id: str
    """The ID of the queue"""
    enqueued: int
    """The total number of queue items enqueued"""
    requested: int
    """The total number of queue items requested to be enqueued"""
    batch: Batch
    """The batch that was enqueued"""
    priority: int
    """The priority of the enqueued batch"""
    item_ids: list[int]
    """The IDs of the queue items that were enqueued"""


class HTTPValidationError(Reply):
    detail: list[ValidationError] | None = None


class LibraryEntry(Reply):
    workflow_id: str
    """The id of the workflow."""
    name: str
    """The name of the workflow."""
    created_at: str
    """The created timestamp of the workflow."""
    updated_at: str
    """The updated timestamp of the workflow."""
    opened_at: str | None = None
    """The opened timestamp of the workflow."""
    user_id: str = "system"
    """The id of the user who owns this workflow."""
    is_public: bool = False
    """Whether this workflow is shared with all users."""
    description: str
    """The description of the workflow."""
    category: str
    """The description of the workflow. Known values: user, default."""
    tags: str = ""
    """The tags of the workflow."""
    thumbnail_url: str | None = None
    """The URL of the workflow thumbnail."""
    call_saved_workflow_compatibility: WorkflowCallCompatibility | None = None
    """Whether this workflow is currently callable by call_saved_workflow."""


class LibraryWorkflow(Reply):
    workflow_id: str
    """The id of the workflow."""
    name: str
    """The name of the workflow."""
    created_at: str
    """The created timestamp of the workflow."""
    updated_at: str
    """The updated timestamp of the workflow."""
    opened_at: str | None = None
    """The opened timestamp of the workflow."""
    user_id: str = "system"
    """The id of the user who owns this workflow."""
    is_public: bool = False
    """Whether this workflow is shared with all users."""
    workflow: dict[str, Any]
    """The workflow."""
    thumbnail_url: str | None = None
    """The URL of the workflow thumbnail."""
    call_saved_workflow_compatibility: WorkflowCallCompatibility | None = None
    """Whether this workflow is currently callable by call_saved_workflow."""


class OffsetPaginatedResults_VideoDTO_(Reply):
    limit: int
    """Limit of items to get"""
    offset: int
    """Offset from which to retrieve items"""
    total: int
    """Total number of items in result"""
    items: list[VideoDTO]
    """Items"""


class PaginatedResults_WorkflowRecordListItemWithThumbnailDTO_(Reply):
    page: int
    """Current Page"""
    pages: int
    """Total number of pages"""
    per_page: int
    """Number of items per page"""
    total: int
    """Total number of items in result"""
    items: list[LibraryEntry]
    """Items"""